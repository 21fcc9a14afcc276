package smtpd.smtp;

import smtpd.core.conf.Family;
import smtpd.core.conf.Listener;
import smtpd.core.conf.Location;
import smtpd.core.conf.SmtpOptions;
import smtpd.core.mail.SessionId;
import smtpd.core.slice.CertificateSet;
import smtpd.core.slice.SmtpSlice;
import smtpd.core.stat.Statistics;
import smtpd.core.tls.Signer;
import smtpd.smtp.guard.Memory;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Encryption;
import smtpd.smtp.protocol.Ends;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Filters;
import smtpd.smtp.protocol.MailLog;
import smtpd.smtp.protocol.Services;
import smtpd.smtp.protocol.Terms;
import smtpd.testkit.dialogue.Dialogue;
import smtpd.testkit.dialogue.DialogueRunner;

import java.io.IOException;
import java.security.SignatureException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A session with everything around it faked.
final class House {
    static final String HOST = "mx.example.org";
    static final String DATE = "Thu, 1 Jan 2026 00:00:00 +0000 (UTC)";

    final FakeLka lka = new FakeLka();
    final FakeQueue queue = new FakeQueue();
    final List<String> log = Collections.synchronizedList(new ArrayList<>());
    final PipeStream stream = new PipeStream();
    final FakeGuard guard = new FakeGuard();
    Memory memory = new Memory(256L * 1024 * 1024);
    Client client = Client.at("127.0.0.1");
    SmtpOptions options = SmtpOptions.DEFAULT;
    Set<Listener.Flag> flags = EnumSet.noneOf(Listener.Flag.class);
    Listener.TlsMode tls = Listener.TlsMode.NONE;
    Listener.AuthMode auth = Listener.AuthMode.NONE;
    Encryption encryption = Encryption.NONE;
    Filters.Source filters = Filters.Source.NONE;
    String authTable = "";
    String senders = "";
    String hostnames = "";
    String bareLf = "";
    boolean masquerade;
    boolean scram;
    int port = 25;
    boolean verify;
    String ca = "";
    CertificateSet certificates = CertificateSet.EMPTY;
    Signer signer =
            (key, scheme, content) -> {
                throw new SignatureException("nobody signs here");
            };

    Listener listener() {
        return new Listener(
                new Listener.Bind.Inet("127.0.0.1", Family.ANY, port),
                new Listener.Tls(
                        tls,
                        verify,
                        tls == Listener.TlsMode.NONE ? List.of() : List.of("own"),
                        ca,
                        "",
                        ""),
                new Listener.Auth(auth, authTable, senders, masquerade, scram),
                new Listener.Session("", hostnames, "in", "", bareLf, flags),
                Location.NONE);
    }

    /// The TLS of the listener.
    ListenerTls secured() {
        SmtpSlice slice =
                new SmtpSlice(
                        HOST, List.of(listener()), List.of(0), options, List.of(), certificates);
        ListenerTls made = new ListenerTls(slice, signer, Statistics.NONE);
        made.replace(certificates);
        return made;
    }

    SmtpSession session() {
        return session(stream);
    }

    SmtpSession session(ClientStream client) {
        Services services =
                new Services(
                        lka,
                        queue,
                        new MailLog(log::add),
                        () -> DATE,
                        () -> 7,
                        memory,
                        guard,
                        filters);
        Terms terms = Terms.of(listener(), HOST, options);
        Ends ends =
                new Ends(
                        new Ends.Point(this.client.address(), 4711),
                        new Ends.Point("192.0.2.1", port));
        return new SmtpSession(
                new Facts(new SessionId(0xabc), this.client, terms, services, ends, encryption),
                client,
                secured());
    }

    /// Plays a dialogue against a session; returns when the session has ended.
    void play(Dialogue dialogue) throws IOException, InterruptedException {
        furnish(dialogue);
        Map<String, String> names = Map.of("host", HOST, "address", client.address());
        DialogueRunner runner = new DialogueRunner(dialogue, names);
        int from = dialogue.clientBegins() ? runner.sendGroup(0, stream.toServer.out()) : 0;
        Thread thread = Thread.ofVirtual().start(session());
        try {
            runner.play(from, stream.toClient.in(), stream.toServer.out());
        } finally {
            stream.toServer.close();
            thread.join();
        }
        if (dialogue.accepted() >= 0 && dialogue.accepted() != queue.accepted.size()) {
            throw new AssertionError(
                    dialogue.name() + ": accepted " + queue.accepted.size() + ": " + log);
        }
    }

    /// Plays a dialogue given as text.
    void play(String text) throws IOException, InterruptedException {
        play(Dialogue.parse("dialogue", "# of a test\n" + text));
    }

    private void furnish(Dialogue dialogue) {
        dialogue.settings().forEach(this::set);
        dialogue.faults().forEach(this::fail);
    }

    private void set(String key, String value) {
        SmtpOptions o = options;
        switch (key) {
            case "max-message-size" ->
                    options = new SmtpOptions(number(value), o.maxMails(), o.maxRcpt(), "", "+");
            case "max-mails" ->
                    options =
                            new SmtpOptions(
                                    o.maxMessageSize(), number(value), o.maxRcpt(), "", "+");
            case "max-rcpt" ->
                    options =
                            new SmtpOptions(
                                    o.maxMessageSize(), o.maxMails(), number(value), "", "+");
            case "lmtp" -> flags.add(Listener.Flag.LMTP);
            case "no-dsn" -> flags.add(Listener.Flag.NO_DSN);
            case "tls-require" -> tls = Listener.TlsMode.REQUIRE;
            case "auth" -> auth = Listener.AuthMode.REQUIRED;
            default -> throw new IllegalArgumentException("SET " + key);
        }
    }

    private static int number(String text) {
        return Integer.parseInt(text);
    }

    private void fail(String fault) {
        switch (fault) {
            case "lka-down" -> lka.down = true;
            case "queue-down" -> queue.mood = FakeQueue.Mood.DOWN;
            case "queue-fills-up" -> queue.mood = FakeQueue.Mood.FILLS_UP;
            case "queue-full" -> queue.mood = FakeQueue.Mood.FULL;
            case "commit-fails" -> queue.mood = FakeQueue.Mood.COMMIT_FAILS;
            case "queue-failed" -> queue.mood = FakeQueue.Mood.FAILED;
            case "disk-fails" -> queue.mood = FakeQueue.Mood.DISK_FAILS;
            case "queue-dies" -> queue.mood = FakeQueue.Mood.DIES;
            default -> throw new IllegalArgumentException("FAULT " + fault);
        }
    }
}
