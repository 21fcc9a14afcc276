package smtpd.e2e.sim;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.testkit.sim.SimWorld;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the world outside has seen: who was promised what, and what arrived. It knows nothing of
/// the code it judges.
final class Ledger {
    final Troubles troubles;
    final List<Letter> letters = new ArrayList<>();
    final Map<String, Rcpt> rcpts = new LinkedHashMap<>();
    final Map<MsgId, Report> reports = new LinkedHashMap<>();
    final Set<String> refusedSenders = new LinkedHashSet<>();
    final List<String> violations = new ArrayList<>();
    private final Map<MsgId, Letter> byMsgid = new LinkedHashMap<>();
    private final Map<EvpId, String> dests = new LinkedHashMap<>();
    private final SimWorld world;
    private final Plan plan;

    Ledger(SimWorld world, Plan plan) {
        this.world = world;
        this.plan = plan;
        troubles = new Troubles(plan);
    }

    /// A promise was broken.
    void violation(String text) {
        world.trace(() -> "VIOLATION " + text);
        violations.add(world.time() + " " + text);
    }

    /// A client has begun a letter.
    void begun(Letter letter, MsgId id) {
        letter.msgid = id;
        letters.add(letter);
        byMsgid.put(id, letter);
    }

    /// A recipient was given envelopes.
    void added(List<Envelope> envelopes, List<EvpId> ids) {
        for (int i = 0; i < ids.size(); i++) {
            Envelope envelope = envelopes.get(i);
            String dest = envelope.dest().toString();
            dests.put(ids.get(i), dest);
            Letter letter = byMsgid.get(envelope.msgid());
            if (letter != null) {
                Rcpt rcpt = new Rcpt(dest, letter);
                rcpt.created = envelope.created();
                rcpt.refused = FarEnd.unreachable(envelope.dest().domain());
                rcpts.put(dest, rcpt);
                letter.rcpts.add(rcpt);
            }
        }
    }

    /// What is known of an envelope: a recipient, or a report; null for a report not seen yet.
    @Nullable Rcpt of(EvpId id) {
        Letter letter = byMsgid.get(id.msgid());
        if (letter != null) {
            String dest = dests.get(id);
            return dest == null ? null : rcpts.get(dest);
        }
        Report report = reports.get(id.msgid());
        return report == null ? null : report.fate();
    }

    /// Whether the queue has a message from a client under this id.
    boolean isLetter(MsgId id) {
        return byMsgid.containsKey(id);
    }

    /// A deliverer has opened a message's content.
    void read(Envelope envelope, byte[] content) {
        Letter letter = byMsgid.get(envelope.msgid());
        if (letter != null) {
            if (!Arrays.equals(letter.content(), content)) {
                violation("content of " + letter.name + " is not what was sent");
            }
        } else if (!Report.isOne(content) || !envelope.sender().isNull()) {
            violation("a message that nobody sent, to " + envelope.dest());
        } else {
            reports.computeIfAbsent(envelope.msgid(), id -> report(id, envelope, content));
        }
    }

    private Report report(MsgId id, Envelope envelope, byte[] content) {
        Report report = Report.read(id, envelope.dest().toString(), content);
        for (String about : report.about()) {
            Rcpt rcpt = rcpts.get(about);
            if (rcpt == null || rcpt.letter == null) {
                violation("a report about something else than a recipient: " + about);
            } else if (!rcpt.letter.sender.toString().equals(report.fate().dest)) {
                violation("a report about " + about + " goes to " + report.fate().dest);
            } else if (report.action().equals("failed")) {
                rcpt.failureReports.add(id);
            }
        }
        return report;
    }

    /// A deliverer begins to work on an envelope.
    Rcpt.@Nullable Attempt attempt(Envelope envelope, DeliveryType type) {
        Rcpt rcpt = rcptOf(envelope);
        if (rcpt == null) {
            return null;
        }
        Rcpt.Attempt attempt = new Rcpt.Attempt(type, world.nanos());
        if (rcpt.letter != null && !rcpt.attempts.isEmpty()) {
            checkPause(rcpt, rcpt.attempts.getLast());
        }
        rcpt.attempts.add(attempt);
        return attempt;
    }

    private @Nullable Rcpt rcptOf(Envelope envelope) {
        Report report = reports.get(envelope.msgid());
        return report != null ? report.fate() : rcpts.get(envelope.dest().toString());
    }

    /// The pause after a failure is that of the schedule: creation plus base·n².
    private void checkPause(Rcpt rcpt, Rcpt.Attempt last) {
        Instant created = rcpt.created;
        boolean judged = last.deferred && !rcpt.scheduled && !plan.faults().clock();
        if (!judged || created == null || troubles.excuses(last)) {
            return;
        }
        long base = last.type == DeliveryType.MDA ? 10_000 : 400_000;
        long age = last.reported / 1_000_000 - offset(created);
        long n = 0;
        while (base * n * n <= age) {
            n++;
        }
        long due = offset(created) + base * n * n;
        if (world.nanos() / 1_000_000 + 1 < due) {
            violation(rcpt.dest + " is tried again before " + due + " ms");
        }
    }

    private static long offset(Instant time) {
        return time.toEpochMilli() - SimWorld.START.toEpochMilli();
    }

    /// The far end has taken a message for a recipient.
    void delivered(Envelope envelope, Rcpt.@Nullable Attempt attempt) {
        Rcpt rcpt = rcptOf(envelope);
        if (rcpt == null || attempt == null) {
            violation("delivered, though nobody sent it: " + envelope.dest());
            return;
        }
        attempt.delivered = world.nanos();
        world.trace(() -> "delivered " + envelope.id() + " " + envelope.dest());
    }

    /// Content, for comparison.
    static byte[] join(List<Bytes> pieces) {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        pieces.forEach(piece -> all.writeBytes(piece.toByteArray()));
        return all.toByteArray();
    }
}
