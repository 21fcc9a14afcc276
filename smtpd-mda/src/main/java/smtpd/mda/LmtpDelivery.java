package smtpd.mda;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Idna;
import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.Reply;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Delivers to an LMTP server (RFC 2033): all recipients in one transaction, one answer for each.
///
/// A connection that ended a transaction well is kept for the next one for a short while.
final class LmtpDelivery {
    /// How long an idle connection is kept.
    static final Duration IDLE = Duration.ofSeconds(5);

    /// Idle connections kept to one server: more do not make it faster.
    static final int IDLE_MAX = 8;

    private final String helo;
    private final Resolver resolver;
    private final Watchdog watchdog = new Watchdog();
    private final Map<String, ArrayDeque<Idle>> idle = new HashMap<>();

    private record Idle(LmtpConnection connection, Watchdog.Limit limit) {}

    /// @param helo our name
    /// @param resolver finds the addresses of a server's host
    LmtpDelivery(String helo, Resolver resolver) {
        this.helo = helo;
        this.resolver = resolver;
    }

    private static final Reply NO_UTF8 =
            Reply.esc(553, "5.6.7", "LMTP server takes no addresses beyond ASCII");

    /// One transaction.
    ///
    /// @param destination the server as configured
    /// @param sender the reverse-path
    /// @param rcpts what to give with RCPT
    /// @param top the trace fields
    /// @param letter the message
    record Transaction(
            String destination, MailAddr sender, List<String> rcpts, String top, Letter letter) {}

    /// Delivers.
    ///
    /// @return one verdict for each recipient
    /// @throws IOException if it failed for all
    List<Verdict> deliver(Transaction it) throws IOException {
        LmtpConnection connection = mailAccepted(it);
        boolean keep = false;
        try {
            List<Verdict> verdicts = transfer(connection, it);
            keep = connection.isQuiet();
            return verdicts;
        } finally {
            if (keep) {
                giveBack(it.destination(), connection);
            } else {
                connection.close();
            }
        }
    }

    /// A connection on which MAIL was accepted. A kept one may have been closed by the server; then
    /// a fresh one is tried.
    private LmtpConnection mailAccepted(Transaction it) throws IOException {
        LmtpConnection kept;
        while ((kept = take(it.destination())) != null) {
            try {
                if (mail(kept, it).kind() == Reply.Kind.COMPLETED) {
                    return kept;
                }
                kept.quit();
            } catch (IOException _) {
                kept.close();
            }
        }
        LmtpConnection fresh = connect(it.destination());
        try {
            Reply reply = mail(fresh, it);
            if (reply.kind() == Reply.Kind.COMPLETED) {
                return fresh;
            }
            fresh.quit();
            throw new DeliveryFailure(verdict(reply));
        } catch (IOException e) {
            fresh.close();
            throw e;
        }
    }

    /// RFC 6531 §3.2: addresses beyond ASCII only for a server that takes them.
    private static Reply mail(LmtpConnection connection, Transaction it) throws IOException {
        MailAddr sender = it.sender().withAsciiDomain();
        if (sender.isAscii()
                && it.rcpts().stream().map(LmtpDelivery::named).allMatch(Idna::isAscii)) {
            return connection.command("MAIL FROM:<" + sender + ">");
        }
        return connection.takesUtf8()
                ? connection.command("MAIL FROM:<" + it.sender() + "> SMTPUTF8")
                : NO_UTF8;
    }

    /// A recipient as it is given to the server.
    private static String named(String rcpt) {
        return MailAddr.of(rcpt).withAsciiDomain().toString();
    }

    private LmtpConnection connect(String destination) throws IOException {
        DeliveryFailure last = null;
        for (SocketAddress server : LmtpAddress.parse(destination).candidates(resolver)) {
            try {
                return LmtpConnection.open(server, helo, watchdog);
            } catch (DeliveryFailure e) {
                last = e;
            }
        }
        throw last != null
                ? last
                : new DeliveryFailure(
                        Verdict.tempfail("4.4.4", "no address of LMTP server " + destination));
    }

    private static List<Verdict> transfer(LmtpConnection connection, Transaction it)
            throws IOException {
        List<@Nullable Verdict> verdicts = new ArrayList<>();
        boolean any = false;
        for (String rcpt : it.rcpts()) {
            Reply reply = connection.command("RCPT TO:<" + named(rcpt) + ">");
            boolean accepted = reply.kind() == Reply.Kind.COMPLETED;
            any |= accepted;
            verdicts.add(accepted ? null : verdict(reply));
        }
        if (!any) {
            connection.command("RSET");
        } else {
            data(connection, it, verdicts);
        }
        return verdicts.stream().map(java.util.Objects::requireNonNull).toList();
    }

    private static void data(
            LmtpConnection connection, Transaction it, List<@Nullable Verdict> verdicts)
            throws IOException {
        Reply go = connection.command("DATA");
        if (go.kind() != Reply.Kind.INTERMEDIATE) {
            verdicts.replaceAll(verdict -> verdict == null ? verdict(go) : verdict);
            connection.close();
            return;
        }
        connection.content(it.top(), it.letter());
        answers(connection, verdicts);
    }

    /// RFC 2033 §4.2: one reply for each accepted recipient, in their order. Those whose reply does
    /// not come are tried again, the others are settled.
    private static void answers(LmtpConnection connection, List<@Nullable Verdict> verdicts) {
        @Nullable Verdict lost = null;
        for (int i = 0; i < verdicts.size(); i++) {
            if (verdicts.get(i) != null) {
                continue;
            }
            if (lost == null) {
                try {
                    verdicts.set(i, verdict(connection.reply(LmtpConnection.END)));
                    continue;
                } catch (IOException e) {
                    lost = DeliveryFailure.verdict(e);
                    connection.close();
                }
            }
            verdicts.set(i, lost);
        }
    }

    private static Verdict verdict(Reply reply) {
        return switch (reply.outcome()) {
            case OK -> Verdict.DELIVERED;
            case TEMPFAIL, PERMFAIL, LOOP ->
                    new Verdict(reply.outcome(), reply.status(), "", reply.line());
        };
    }

    private @Nullable LmtpConnection take(String destination) {
        synchronized (idle) {
            ArrayDeque<Idle> kept = idle.get(destination);
            while (kept != null && !kept.isEmpty()) {
                Idle last = kept.pollLast();
                if (last.limit().callOff() && last.connection().isQuiet()) {
                    return last.connection();
                }
                last.connection().close();
            }
            return null;
        }
    }

    private void giveBack(String destination, LmtpConnection connection) {
        synchronized (idle) {
            ArrayDeque<Idle> kept = idle.computeIfAbsent(destination, it -> new ArrayDeque<>());
            kept.removeIf(it -> it.limit().reached().get());
            if (kept.size() < IDLE_MAX) {
                kept.add(new Idle(connection, watchdog.after(IDLE, connection)));
                return;
            }
        }
        connection.quit();
    }
}
