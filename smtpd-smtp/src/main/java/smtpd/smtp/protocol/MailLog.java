package smtpd.smtp.protocol;

import smtpd.core.conf.SmtpLimit;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.SessionId;
import smtpd.core.smtp.Printable;
import smtpd.core.smtp.Reply;
import smtpd.core.tls.TlsFacts;

import java.util.List;
import java.util.function.Consumer;

/// Every line of the log about a session: one method per event, in OpenSMTPD's formats. What
/// strangers say is escaped and bounded.
public final class MailLog {
    private final Consumer<String> lines;

    /// @param lines where the lines go
    public MailLog(Consumer<String> lines) {
        this.lines = lines;
    }

    /// A session begins.
    public void connected(SessionId id, Client client) {
        String host = text(client.host());
        lines.accept(id + " smtp connected address=" + client.shown() + " host=" + host);
    }

    /// A proxy has said who its client is.
    ///
    /// @param proxy the proxy
    public void proxied(SessionId id, Client proxy) {
        lines.accept(id + " smtp event=proxy address=" + proxy.shown());
    }

    /// A proxy has not said who its client is; there is no session.
    public void badProxy(SessionId id, Client proxy, String reason) {
        lines.accept(
                id
                        + " proxy event=closed address="
                        + proxy.shown()
                        + " reason=\""
                        + quoted(text(reason))
                        + "\"");
    }

    /// A client talked before the greeting.
    public void pregreet(SessionId id, byte[] bytes, int length) {
        int shown = Math.min(length, Limits.PREGREET_SHOWN);
        String data = Printable.escape(bytes, 0, shown, Limits.LOGGED);
        lines.accept(id + " smtp pregreet data=\"" + quoted(data) + "\"");
    }

    /// The connection is encrypted now.
    public void tls(SessionId id, TlsFacts facts) {
        lines.accept(id + " smtp tls ciphers=" + facts);
    }

    /// A client showed a certificate.
    ///
    /// @param result `verified`, `unverified`, `unchecked`
    public void certCheck(SessionId id, String result, String fingerprint) {
        lines.accept(
                id
                        + " smtp cert-check result=\""
                        + result
                        + "\" fingerprint=\""
                        + fingerprint
                        + "\"");
    }

    /// A handshake failed.
    public void tlsFailed(SessionId id, String why) {
        lines.accept(id + " smtp tls-failed reason=\"" + quoted(text(why)) + "\"");
    }

    /// Something stood behind STARTTLS in clear: perhaps from somebody in between.
    public void startTlsInjection(SessionId id) {
        lines.accept(id + " smtp starttls-injection");
    }

    /// A message is durable.
    ///
    /// @param size bytes of its content
    public void message(SessionId id, Transaction tx, long size, Hello hello) {
        lines.accept(
                id
                        + " smtp message msgid="
                        + tx.msgid()
                        + " size="
                        + size
                        + " nrcpt="
                        + tx.recipients().size()
                        + " proto="
                        + hello.dialect());
    }

    /// One of its envelopes.
    public void envelope(SessionId id, EvpId evpid, MailAddr sender, MailAddr rcpt) {
        lines.accept(
                id
                        + " smtp envelope evpid="
                        + evpid
                        + " from=<"
                        + text(sender.toString())
                        + "> to=<"
                        + text(rcpt.toString())
                        + ">");
    }

    /// A client has tried to prove who it is.
    ///
    /// @param result `ok`, `permfail` or `tempfail`
    public void authentication(SessionId id, String user, String result) {
        lines.accept(id + " smtp authentication user=" + text(user) + " result=" + result);
    }

    /// A client wanted more than it may have.
    ///
    /// @param limit what it may have
    /// @param user who it says it is; empty if that does not matter
    public void limited(SessionId id, SmtpLimit limit, Client client, String user) {
        lines.accept(
                id
                        + " smtp limit name="
                        + limit.word()
                        + " address="
                        + client.shown()
                        + (user.isEmpty() ? "" : " user=" + text(user)));
    }

    /// The header of a message is odd, but the message accepted; nothing if it is not.
    ///
    /// @param odd in a word each
    public void oddHeader(SessionId id, MsgId msgid, List<String> odd) {
        if (!odd.isEmpty()) {
            lines.accept(
                    id + " smtp odd-header msgid=" + msgid + " fields=" + String.join(",", odd));
        }
    }

    /// A command was refused.
    ///
    /// @param command printable and bounded already
    public void failedCommand(SessionId id, String command, Reply reply) {
        lines.accept(
                id
                        + " smtp failed-command command=\""
                        + quoted(command)
                        + "\" result=\""
                        + quoted(bounded(reply.line()))
                        + "\"");
    }

    /// A line was no command at all.
    public void badInput(SessionId id, Reply reply) {
        lines.accept(id + " smtp bad-input result=\"" + quoted(bounded(reply.line())) + "\"");
    }

    /// A client went away in the middle of a message.
    ///
    /// @param verb the command that brought it
    /// @param bytes how much of it had arrived
    public void lostConnection(SessionId id, String verb, long bytes) {
        lines.accept(id + " smtp lost-connection after " + verb + " (" + bytes + " bytes)");
    }

    /// A session ends.
    ///
    /// @param reason `quit`, `timeout`, `disconnect`, or see [#ioError]
    public void disconnected(SessionId id, String reason) {
        lines.accept(id + " smtp disconnected reason=" + reason);
    }

    /// The reason of a session that ends by an error of its socket.
    public static String ioError(String message) {
        return "\"io-error: " + quoted(text(message)) + "\"";
    }

    private static String text(String stranger) {
        return Printable.escape(stranger, Limits.LOGGED);
    }

    /// Text that is printable already.
    private static String bounded(String text) {
        return text.length() > Limits.LOGGED ? text.substring(0, Limits.LOGGED) : text;
    }

    /// Text between quotes: a quote in it would end them.
    private static String quoted(String text) {
        return text.replace("\"", "\\\"");
    }
}
