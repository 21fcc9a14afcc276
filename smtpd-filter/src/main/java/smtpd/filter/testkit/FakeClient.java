package smtpd.filter.testkit;

import smtpd.filter.Event;
import smtpd.filter.Phase;
import smtpd.filter.Subsystem;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A client of a [FakeDaemon]: one session.
///
/// Each command reports what the server would report and asks what it would ask; answers are as
/// they stand in the protocol: `proceed`, `reject|550 5.7.1 No`. What the filter is not registered
/// for is not asked, and the answer is `proceed`.
public final class FakeClient {
    private static final String PROCEED = "proceed";

    private final FakeDaemon daemon;
    private final Ear ear;
    private final String id;
    private final String address;
    private final String rdns;
    private String msgid = "00000000";
    private int messages;

    FakeClient(FakeDaemon daemon, Ear ear, String id, String address, String rdns) {
        this.daemon = daemon;
        this.ear = ear;
        this.id = id;
        this.address = address;
        this.rdns = rdns;
    }

    /// The session, as the filter knows it.
    public String id() {
        return id;
    }

    /// Comes.
    public String connect() {
        String host = address.indexOf(':') >= 0 ? "[" + address + "]" : address;
        String source = address.equals("local") ? "unix:/run/smtpd.sock" : host + ":4711";
        String named = rdns.equals("<unknown>") ? "fail" : "pass";
        tell(Event.LINK_CONNECT, rdns, named, source, "192.0.2.25:25");
        String answer = ask(Phase.CONNECT, rdns, address);
        if (answer.equals(PROCEED) || answer.equals("junk")) {
            tell(Event.LINK_GREETING, "mx.example.org");
        }
        return answer;
    }

    /// HELO.
    public String helo(String name) {
        return hello(Phase.HELO, "HELO", name);
    }

    /// EHLO.
    public String ehlo(String name) {
        return hello(Phase.EHLO, "EHLO", name);
    }

    private String hello(Phase<?> phase, String verb, String name) {
        tell(Event.PROTOCOL_CLIENT, verb + " " + name);
        String answer = ask(phase, name);
        if (answer.equals(PROCEED) || answer.equals("junk")) {
            tell(Event.LINK_IDENTIFY, verb, name);
        }
        return answer;
    }

    /// AUTH PLAIN, with success if the filter has nothing against it.
    public String auth(String user) {
        tell(Event.PROTOCOL_CLIENT, "AUTH PLAIN ********");
        String answer = ask(Phase.AUTH, "PLAIN ********");
        if (answer.equals(PROCEED)) {
            tell(Event.LINK_AUTH, "pass", user);
        }
        return answer;
    }

    /// MAIL.
    public String mail(String sender) {
        tell(Event.PROTOCOL_CLIENT, "MAIL FROM:<" + sender + ">");
        String answer = ask(Phase.MAIL_FROM, sender);
        if (!answer.startsWith("reject|") && !answer.startsWith("disconnect|")) {
            messages++;
            msgid = "%08x".formatted(messages);
            tell(Event.TX_BEGIN, msgid);
            tell(Event.TX_MAIL, msgid, "ok", sender);
        }
        return answer;
    }

    /// RCPT.
    public String rcpt(String recipient) {
        tell(Event.PROTOCOL_CLIENT, "RCPT TO:<" + recipient + ">");
        String answer = ask(Phase.RCPT_TO, recipient);
        boolean taken = !answer.startsWith("reject|") && !answer.startsWith("disconnect|");
        tell(Event.TX_RCPT, msgid, taken ? "ok" : "permfail", recipient);
        return answer;
    }

    /// DATA, up to the 354.
    public String data() {
        tell(Event.PROTOCOL_CLIENT, "DATA");
        String answer = ask(Phase.DATA);
        if (!answer.startsWith("reject|") && !answer.startsWith("disconnect|")) {
            tell(Event.TX_DATA, msgid, "ok");
        }
        return answer;
    }

    /// The content, and what comes back of it.
    ///
    /// @param lines one character for each byte; dots need no care
    public List<String> content(String... lines) {
        return content(List.of(lines));
    }

    /// The content, and what comes back of it.
    public List<String> content(List<String> lines) {
        return FakeDaemon.await(sending(lines));
    }

    /// The content, and what will come back of it.
    public CompletableFuture<List<String>> sending(List<String> lines) {
        if (!daemon.registered().contains("filter|smtp-in|data-line")) {
            return CompletableFuture.completedFuture(lines);
        }
        Sending sending = beginContent();
        lines.forEach(sending::line);
        return sending.end();
    }

    /// Begins the content, which is then given line by line.
    public Sending beginContent() {
        return new Sending(daemon.id());
    }

    /// Content that is being sent.
    public final class Sending {
        private final String token;
        private final CompletableFuture<List<String>> back;

        private Sending(String token) {
            this.token = token;
            this.back = ear.contentOf(id, token);
        }

        /// Sends a line.
        public void line(String line) {
            wire(line.startsWith(".") ? "." + line : line);
        }

        /// Sends the end; what will come back.
        public CompletableFuture<List<String>> end() {
            wire(".");
            return back;
        }

        private void wire(String line) {
            String head = "filter|0.7|" + daemon.time() + "|smtp-in|data-line|" + id;
            byte[] bytes =
                    (head + "|" + token + "|" + line + "\n").getBytes(StandardCharsets.ISO_8859_1);
            daemon.bytes(bytes);
        }
    }

    /// The end of the message: asks about the commit, and reports how that went.
    public String commit() {
        String answer = ask(Phase.COMMIT);
        if (answer.equals(PROCEED)) {
            tell(Event.TX_COMMIT, msgid, "1000");
        } else {
            tell(Event.TX_ROLLBACK, msgid);
        }
        return answer;
    }

    /// A whole message to one recipient.
    ///
    /// @return what came of it: the content on its way on; or, in one line, the answer that stopped
    ///   it
    public List<String> send(String sender, String recipient, String... lines) {
        List<String> steps = new ArrayList<>();
        steps.add(mail(sender));
        if (steps.getLast().equals(PROCEED)) {
            steps.add(rcpt(recipient));
        }
        if (steps.getLast().equals(PROCEED)) {
            steps.add(data());
        }
        if (!steps.getLast().equals(PROCEED)) {
            return List.of(steps.getLast());
        }
        List<String> content = content(lines);
        String taken = commit();
        return taken.equals(PROCEED) ? content : List.of(taken);
    }

    /// RSET.
    public String rset() {
        tell(Event.PROTOCOL_CLIENT, "RSET");
        String answer = ask(Phase.RSET);
        tell(Event.TX_RESET, msgid);
        return answer;
    }

    /// QUIT, and the end.
    public String quit() {
        tell(Event.PROTOCOL_CLIENT, "QUIT");
        String answer = ask(Phase.QUIT);
        disconnect();
        return answer;
    }

    /// Goes without a word.
    public void disconnect() {
        tell(Event.LINK_DISCONNECT);
    }

    /// Asks, if the filter wants to be asked, and waits for the answer.
    public String ask(Phase<?> phase, String... fields) {
        return FakeDaemon.await(asking(phase, fields));
    }

    /// Asks; what the answer will be.
    public CompletableFuture<String> asking(Phase<?> phase, String... fields) {
        if (!daemon.asks(phase)) {
            return CompletableFuture.completedFuture(PROCEED);
        }
        String token = daemon.id();
        CompletableFuture<String> answer = ear.answerTo(id, token);
        String head = "filter|0.7|" + daemon.time() + "|smtp-in|" + phase.word();
        daemon.line(head + "|" + id + "|" + token + "|" + String.join("|", fields));
        return answer;
    }

    /// Reports, if the filter wants to hear it.
    public void tell(Event<?> event, String... fields) {
        tell(Subsystem.SMTP_IN, event, fields);
    }

    /// Reports, if the filter wants to hear it.
    public void tell(Subsystem subsystem, Event<?> event, String... fields) {
        if (daemon.hears(subsystem, event)) {
            String head = "report|0.7|" + daemon.time() + "|" + subsystem.word();
            String line = head + "|" + event.word() + "|" + id;
            daemon.line(fields.length == 0 ? line : line + "|" + String.join("|", fields));
        }
    }
}
