package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.Outcome;
import smtpd.core.smtp.DotEncoder;
import smtpd.core.smtp.Reply;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One message to all its recipients: MAIL, RCPT, DATA, content (RFC 5321 §3.3), as one transaction
/// where the server lets it.
///
/// Where PIPELINING is offered (RFC 2920) the commands go out together. A recipient that the server
/// puts off because there are too many (452, RFC 5321 §4.5.3.1.10) goes into the next transaction
/// on the same connection. Whatever happens, each envelope has either a result or is still
/// [#untried] at the end.
final class Transaction {
    /// Commands sent before their replies are read: their replies fit into the server's send
    /// buffer, so that neither side waits for the other for ever (RFC 2920 §3.1).
    static final int PIPELINE_MAX = 100;

    /// Message too big for system (RFC 3463 §3.4).
    private static final Esc TOO_LARGE = new Esc(5, 3, 4);

    private static final String TOO_LARGE_TEXT = "message too large";

    /// Bad destination mailbox address syntax (RFC 3463 §3.2).
    private static final Esc BAD_ADDRESS = new Esc(5, 1, 3);

    private static final String BAD_ADDRESS_TEXT = "The address cannot be said in SMTP";

    private static final String NO_UTF8_TEXT =
            "The server does not take internationalized addresses (SMTPUTF8)";

    private static final String UNCERTAIN =
            "Connection lost before the reply to the message: it may have been delivered";

    private final Dialogue dialogue;
    private final Offers offers;
    private final Manner manner;
    private final Task task;
    private final Map<EvpId, DeliveryResult> results = new LinkedHashMap<>();
    private final Set<EvpId> unfit = new LinkedHashSet<>();

    /// The envelopes of the transaction under way that the server has taken.
    private List<Envelope> accepted = new ArrayList<>();

    /// Those it put off until the next one.
    private List<Envelope> later = new ArrayList<>();

    private @Nullable Reply mailReply;
    private @Nullable Reply dataReply;
    private Residue residue;
    private int mails;
    private boolean begun;
    private boolean ended;
    private boolean uncertain;

    /// How a server is spoken to.
    ///
    /// @param lmtp whether each recipient gets a reply after the content (RFC 2033 §4.2)
    /// @param pipelining whether commands may go out together
    /// @param chunking whether content goes out by BDAT
    /// @param mailsLeft how many transactions the session may still have
    /// @param server its name, or its address in brackets, for reports
    record Manner(
            boolean lmtp, boolean pipelining, boolean chunking, int mailsLeft, String server) {}

    /// What the last transaction left behind at the server.
    enum Residue {
        /// Nothing.
        CLEAN,
        /// Perhaps a transaction: RSET comes first.
        UNCLEAN
    }

    Transaction(Dialogue dialogue, Offers offers, Manner manner, Task task, Residue residue) {
        this.dialogue = dialogue;
        this.offers = offers;
        this.manner = manner;
        this.task = task;
        this.residue = residue;
    }

    /// Sends the message; may take more than one transaction.
    ///
    /// @throws SessionEnd if the session cannot go on; the results so far stand
    void run(ContentSource source) throws SessionEnd {
        List<Envelope> rest = sendable();
        if (rest.isEmpty()) {
            return;
        }
        Fitting fitting;
        try {
            fitting = Fitting.of(task, offers, source);
        } catch (ContentSource.ContentLost lost) {
            contentLost(rest, lost);
            return;
        }
        switch (fitting) {
            case Fitting.Fits fits -> send(rest, fits);
            case Fitting.Unfit it ->
                    rest.forEach(envelope -> setUnfit(envelope, it.status(), it.why()));
        }
    }

    private void send(List<Envelope> all, Fitting.Fits fits) throws SessionEnd {
        if (offers.tooSmallFor(fits.size())) {
            all.forEach(envelope -> setUnfit(envelope, TOO_LARGE, TOO_LARGE_TEXT));
            return;
        }
        Deque<Envelope> waiting = new ArrayDeque<>(all);
        while (!waiting.isEmpty() && mails < manner.mailsLeft()) {
            List<Envelope> rcpts = offers.limits().portion(waiting);
            accepted = new ArrayList<>();
            later = new ArrayList<>();
            mailReply = null;
            dataReply = null;
            begun = false;
            ended = false;
            mails++;
            try (ContentSource.Content content = fits.source().open(task.msgid())) {
                once(rcpts, fits.size(), content);
                over(rcpts, fits.size());
            } catch (ContentSource.ContentLost lost) {
                rcpts.addAll(waiting);
                waiting.clear();
                contentLost(rcpts, lost);
            } catch (SessionEnd end) {
                settle(end);
                throw end;
            }
            later.reversed().forEach(waiting::addFirst);
        }
    }

    /// The recipients that can be named to this server; the others are unfit for it.
    private List<Envelope> sendable() {
        List<Envelope> sendable = new ArrayList<>();
        for (Envelope envelope : task.envelopes()) {
            if (offers.tooSmallFor(task.size())) {
                setUnfit(envelope, TOO_LARGE, TOO_LARGE_TEXT);
            } else if (!Commands.canStand(envelope.dest()) || !Commands.canStand(task.sender())) {
                put(envelope, Outcome.PERMFAIL, BAD_ADDRESS, BAD_ADDRESS_TEXT);
            } else if (!Commands.canSend(envelope.dest(), offers)
                    || !Commands.canSend(task.sender(), offers)) {
                setUnfit(envelope, Fitting.NO_UTF8, NO_UTF8_TEXT);
            } else {
                sendable.add(envelope);
            }
        }
        return sendable;
    }

    private void once(List<Envelope> rcpts, long size, ContentSource.Content content)
            throws SessionEnd, ContentSource.ContentLost {
        Bytes first = content.next();
        boolean eightBit = first != null && (first.length() < size || hasEightBit(first));
        String mail = Commands.mail(task.sender(), size, eightBit, rcpts, offers);
        if (manner.pipelining()) {
            together(mail, rcpts);
        } else {
            oneByOne(mail, rcpts);
        }
        if (manner.chunking()) {
            if (!accepted.isEmpty()) {
                sendChunks(first, content);
            }
        } else if (dataReply != null && dataReply.kind() == Reply.Kind.INTERMEDIATE) {
            if (accepted.isEmpty()) {
                nothing();
            } else {
                send(first, content);
            }
        } else if (dataReply != null) {
            residue = Residue.UNCLEAN;
            putAll(accepted, dataReply);
        }
    }

    /// Tells filters how the transaction ended.
    private void over(List<Envelope> rcpts, long size) {
        boolean taken =
                rcpts.stream()
                        .map(envelope -> results.get(envelope.id()))
                        .anyMatch(it -> it != null && it.outcome() == Outcome.OK);
        if (taken) {
            dialogue.ear().committed(size);
        } else {
            dialogue.ear().rolledBack();
        }
    }

    private static boolean hasEightBit(Bytes bytes) {
        byte[] array = bytes.array();
        for (int i = bytes.offset(); i < bytes.offset() + bytes.length(); i++) {
            if (array[i] < 0) {
                return true;
            }
        }
        return false;
    }

    /// RFC 2920: RSET, MAIL, RCPT and DATA in as few writes as the pipeline takes.
    private void together(String mail, List<Envelope> rcpts) throws SessionEnd {
        int next = 0;
        do {
            int from = next;
            next = Math.min(rcpts.size(), from + PIPELINE_MAX);
            boolean reset = from == 0 && residue == Residue.UNCLEAN;
            boolean data =
                    !manner.chunking()
                            && next == rcpts.size()
                            && (from == 0 || !accepted.isEmpty());
            if (reset) {
                dialogue.command("RSET");
            }
            if (from == 0) {
                dialogue.command(mail);
            }
            for (Envelope envelope : rcpts.subList(from, next)) {
                sayRcpt(envelope);
            }
            if (data) {
                dialogue.command("DATA");
            }
            dialogue.flush(Phase.MAIL);
            try {
                hear(reset, from == 0, rcpts.subList(from, next), rcpts, data);
            } catch (SessionEnd end) {
                throw isShort(end) ? Dialogue.outOfStep(end.phase(), end.reason()) : end;
            }
            dialogue.expectNoMore(Phase.RCPT);
        } while (next < rcpts.size() && mailAccepted() && later.isEmpty());
        if (next < rcpts.size() && mailAccepted()) {
            // those behind the first that were too many would be too many as well
            later.addAll(rcpts.subList(next, rcpts.size()));
            if (!manner.chunking()) {
                heardData(ask("DATA", Phase.DATA));
            }
        }
    }

    private void hear(
            boolean reset, boolean mail, List<Envelope> group, List<Envelope> all, boolean data)
            throws SessionEnd {
        if (reset) {
            heardReset(dialogue.reply(Phase.RSET));
        }
        if (mail) {
            heardMail(dialogue.reply(Phase.MAIL), all);
        }
        for (Envelope envelope : group) {
            heardRcpt(envelope, dialogue.reply(Phase.RCPT));
        }
        if (data) {
            heardData(dialogue.reply(Phase.DATA));
        }
    }

    /// Whether a server that had begun to answer a group of commands left some without a reply.
    private boolean isShort(SessionEnd end) {
        return mailReply != null
                && end.verdict() instanceof RouteVerdict.Network network
                && network.reason().equals("Timeout");
    }

    private void oneByOne(String mail, List<Envelope> rcpts) throws SessionEnd {
        if (residue == Residue.UNCLEAN) {
            heardReset(ask("RSET", Phase.RSET));
        }
        heardMail(ask(mail, Phase.MAIL), rcpts);
        if (!mailAccepted()) {
            return;
        }
        for (Envelope envelope : rcpts) {
            sayRcpt(envelope);
            heardRcpt(envelope, answer(Phase.RCPT));
        }
        if (!accepted.isEmpty() && !manner.chunking()) {
            heardData(ask("DATA", Phase.DATA));
        }
    }

    private Reply ask(String command, Phase phase) throws SessionEnd {
        dialogue.command(command);
        return answer(phase);
    }

    private Reply answer(Phase phase) throws SessionEnd {
        return Opening.answer(dialogue, phase);
    }

    private void sayRcpt(Envelope envelope) {
        dialogue.command(Commands.rcpt(envelope, offers));
        dialogue.ear().named(envelope.id());
    }

    private void heardReset(Reply reply) throws SessionEnd {
        if (reply.kind() != Reply.Kind.COMPLETED) {
            throw Dialogue.broken(Phase.RSET, "RSET refused: " + reply.line());
        }
        residue = Residue.CLEAN;
    }

    private boolean mailAccepted() {
        return mailReply != null && mailReply.kind() == Reply.Kind.COMPLETED;
    }

    private void heardMail(Reply reply, List<Envelope> rcpts) throws SessionEnd {
        notIntermediate(reply, Phase.MAIL);
        mailReply = reply;
        if (reply.kind() == Reply.Kind.COMPLETED) {
            residue = Residue.UNCLEAN;
            dialogue.ear().began(task.msgid(), task.sender());
        } else {
            putAll(rcpts, reply);
        }
    }

    private void heardRcpt(Envelope envelope, Reply reply) throws SessionEnd {
        notIntermediate(reply, Phase.RCPT);
        if (!mailAccepted()) {
            return;
        }
        dialogue.ear().recipient(envelope.dest(), reply);
        if (reply.kind() == Reply.Kind.COMPLETED) {
            accepted.add(envelope);
        } else if (!accepted.isEmpty() && isTooMany(reply)) {
            later.add(envelope);
        } else {
            put(envelope, reply);
        }
    }

    /// RFC 5321 §4.5.3.1.10: 452, and 552 of older servers, mean "not in this transaction", unless
    /// the enhanced code speaks of the mailbox.
    private static boolean isTooMany(Reply reply) {
        boolean code = reply.code() == 452 || reply.code() == 552;
        Esc esc = reply.esc();
        return code && (esc == null || esc.subject() == 5 || esc.subject() == 3);
    }

    private static void notIntermediate(Reply reply, Phase phase) throws SessionEnd {
        if (reply.kind() == Reply.Kind.INTERMEDIATE) {
            throw Dialogue.outOfStep(phase, reply.line());
        }
    }

    private void heardData(Reply reply) throws SessionEnd {
        if (reply.kind() == Reply.Kind.COMPLETED) {
            throw Dialogue.outOfStep(Phase.DATA, reply.line());
        }
        if (mailAccepted()) {
            dialogue.ear().data(reply);
            dataReply = reply;
        } else if (reply.kind() == Reply.Kind.INTERMEDIATE) {
            dataReply = reply;
        }
    }

    /// The server wants content although it took no recipient: it gets none (RFC 2920 §3.1).
    private void nothing() throws SessionEnd {
        dialogue.command(".");
        dialogue.flush(Phase.END_OF_DATA);
        Reply reply = dialogue.reply(Phase.END_OF_DATA);
        residue = Residue.UNCLEAN;
        notIntermediate(reply, Phase.END_OF_DATA);
    }

    private void send(@Nullable Bytes first, ContentSource.Content content)
            throws SessionEnd, ContentSource.ContentLost {
        begun = true;
        DotEncoder encoder = new DotEncoder();
        Bytes chunk = first;
        while (chunk != null) {
            encoder.encode(chunk.array(), chunk.offset(), chunk.length(), dialogue);
            dialogue.flushIfMuch(Phase.DATA);
            chunk = content.next();
        }
        encoder.finish(dialogue);
        dialogue.ear().said(".");
        ended = true;
        dialogue.flush(Phase.END_OF_DATA);
        if (manner.lmtp()) {
            for (Envelope envelope : accepted) {
                put(envelope, heardEnd());
            }
        } else {
            putAll(accepted, heardEnd());
        }
        residue = Residue.CLEAN;
        dialogue.expectNoMore(Phase.END_OF_DATA);
    }

    private void sendChunks(@Nullable Bytes first, ContentSource.Content content)
            throws SessionEnd, ContentSource.ContentLost {
        begun = true;
        Chunking chunking = new Chunking(dialogue, manner.pipelining());
        Reply reply = chunking.send(first, content, () -> ended = true);
        dialogue.ear().data(reply);
        putAll(accepted, reply);
        residue = ended ? Residue.CLEAN : Residue.UNCLEAN;
        dialogue.expectNoMore(Phase.END_OF_DATA);
    }

    private Reply heardEnd() throws SessionEnd {
        Reply reply = dialogue.reply(Phase.END_OF_DATA);
        notIntermediate(reply, Phase.END_OF_DATA);
        return reply;
    }

    /// Nothing that was begun may be finished: the connection is broken off before the final dot.
    private void contentLost(List<Envelope> rcpts, ContentSource.ContentLost lost)
            throws SessionEnd {
        for (Envelope envelope : rcpts) {
            if (!results.containsKey(envelope.id())) {
                put(
                        envelope,
                        Outcome.TEMPFAIL,
                        new Esc(4, 3, 0),
                        "Message content is not available: " + lost.getMessage());
            }
        }
        later = List.of();
        if (begun || dataReply != null) {
            throw new SessionEnd(
                    new RouteVerdict.Fine(), Phase.DATA, "message content is not available");
        }
    }

    /// After the final dot the message may have been taken: only 421 says that it was not.
    private void settle(SessionEnd end) {
        if (ended && !(end.verdict() instanceof RouteVerdict.Refused)) {
            for (Envelope envelope : accepted) {
                if (!results.containsKey(envelope.id())) {
                    uncertain = true;
                    put(envelope, Outcome.TEMPFAIL, new Esc(4, 4, 2), UNCERTAIN);
                }
            }
        }
    }

    private void putAll(List<Envelope> envelopes, Reply reply) {
        envelopes.forEach(envelope -> put(envelope, reply));
    }

    private void put(Envelope envelope, Reply reply) {
        Outcome outcome = reply.outcome();
        boolean passedOn = outcome == Outcome.OK && offers.has(Offers.Extension.DSN);
        results.putIfAbsent(
                envelope.id(),
                new DeliveryResult(
                        envelope.id(),
                        outcome,
                        reply.status(),
                        bounded(reply.line()),
                        passedOn,
                        manner.server()));
    }

    /// What an envelope needs the server does not offer: no fault of the recipient, and another
    /// exchanger may have it.
    private void setUnfit(Envelope envelope, Esc status, String text) {
        put(envelope, Outcome.PERMFAIL, status, text);
        unfit.add(envelope.id());
    }

    private void put(Envelope envelope, Outcome outcome, Esc status, String text) {
        results.putIfAbsent(
                envelope.id(),
                new DeliveryResult(envelope.id(), outcome, status, bounded(text), false));
    }

    private static String bounded(String text) {
        return text.length() > Envelope.State.ERROR_LINE_MAX
                ? text.substring(0, Envelope.State.ERROR_LINE_MAX)
                : text;
    }

    /// One for each envelope that has been answered about.
    List<DeliveryResult> results() {
        return results.values().stream().filter(it -> !unfit.contains(it.id())).toList();
    }

    /// The envelopes that this server cannot be given, each with the reason.
    List<DeliveryResult> unfit() {
        return results.values().stream().filter(it -> unfit.contains(it.id())).toList();
    }

    /// The envelopes without a result.
    List<EvpId> untried() {
        return task.envelopes().stream()
                .map(Envelope::id)
                .filter(id -> !results.containsKey(id))
                .toList();
    }

    /// How many transactions it took.
    int mails() {
        return mails;
    }

    /// What was left behind at the server.
    Residue residue() {
        return residue;
    }

    /// Whether the server may have taken a message we count as not delivered.
    boolean uncertain() {
        return uncertain;
    }
}
