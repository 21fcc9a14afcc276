package smtpd.mta;

import smtpd.core.sasl.ScramClient;
import smtpd.core.smtp.Reply;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Logs in with a server (RFC 4954): PLAIN (RFC 4616), LOGIN, SCRAM-SHA-256 (RFC 7677).
///
/// To a server that is known to be the right one in that order, as OpenSMTPD; to any other SCRAM
/// goes first, which does not tell it the password. A refusal is the server's answer for now: the
/// operator may mend either side.
final class Login {
    private static final String SCRAM = "SCRAM-SHA-256";

    /// Octets of a nonce, as base64 four for each three.
    private static final int NONCE = 18;

    /// What is shorter may stand in any text.
    private static final int SECRET_MIN = 4;

    private static final String HIDDEN = "********";

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Dialogue dialogue;
    private final Secrets.Found.Credentials who;
    private final TlsOutcome.Level level;

    Login(Dialogue dialogue, Secrets.Found.Credentials who, TlsOutcome.Level level) {
        this.dialogue = dialogue;
        this.who = who;
        this.level = level;
    }

    /// @param hello the server's offer, after encryption
    void run(Reply hello) throws SessionEnd {
        Set<String> offered = offered(hello);
        if (offered.isEmpty()) {
            throw refused("AUTH not advertised");
        }
        List<String> wanted =
                level == TlsOutcome.Level.VERIFIED
                        ? List.of("PLAIN", "LOGIN", SCRAM)
                        : List.of(SCRAM, "PLAIN", "LOGIN");
        String mechanism =
                wanted.stream()
                        .filter(offered::contains)
                        .findFirst()
                        .orElseThrow(() -> refused("no supported AUTH method"));
        try {
            switch (mechanism) {
                case "PLAIN" -> plain();
                case "LOGIN" -> login();
                default -> scram();
            }
        } catch (SessionEnd end) {
            if (end.verdict() instanceof RouteVerdict.Refused) {
                dialogue.ear().rejected(who.user());
            }
            throw end;
        }
        dialogue.ear().admitted(who.user());
    }

    /// RFC 4954 §3; `AUTH=` is what very old servers say.
    static Set<String> offered(Reply hello) {
        Set<String> offered = new LinkedHashSet<>();
        List<String> lines = hello.lines();
        for (String line : lines.subList(1, lines.size())) {
            String[] words = line.strip().toUpperCase(Locale.ROOT).split("[ =]+", -1);
            if (words[0].equals("AUTH")) {
                offered.addAll(Arrays.asList(words).subList(1, words.length));
            }
        }
        return offered;
    }

    private static SessionEnd refused(String reason) {
        return new SessionEnd(new RouteVerdict.Refused(reason), Phase.AUTH, reason);
    }

    private void plain() throws SessionEnd {
        welcome(say("AUTH PLAIN ", plainMessage()));
    }

    private String plainMessage() {
        return base64("\0" + who.user() + "\0" + who.password().text());
    }

    private void login() throws SessionEnd {
        dialogue.command("AUTH LOGIN");
        challenge(Opening.answer(dialogue, Phase.AUTH));
        challenge(say("", base64(who.user())));
        welcome(say("", base64(who.password().text())));
    }

    private void scram() throws SessionEnd {
        byte[] random = new byte[NONCE];
        RANDOM.nextBytes(random);
        ScramClient client =
                new ScramClient(
                        who.user(),
                        who.password().text(),
                        Base64.getEncoder().withoutPadding().encodeToString(random));
        String first = challenge(say("AUTH " + SCRAM + " ", base64(client.first())));
        Optional<String> proof = client.last(first);
        if (proof.isEmpty()) {
            cancel();
            throw refused("AUTH: the server's challenge makes no sense");
        }
        Reply reply = say("", base64(proof.get()));
        if (reply.kind() == Reply.Kind.INTERMEDIATE) {
            if (!client.isServer(challenge(reply))) {
                cancel();
                throw refused("AUTH: the server does not know the password");
            }
            reply = say("", "");
        } else if (reply.kind() == Reply.Kind.COMPLETED) {
            throw refused("AUTH: the server did not show that it knows the password");
        }
        welcome(reply);
    }

    private Reply say(String verb, String secret) throws SessionEnd {
        dialogue.secret(verb, secret);
        return Opening.answer(dialogue, Phase.AUTH);
    }

    private void cancel() throws SessionEnd {
        dialogue.command("*");
        Reply _ = Opening.answer(dialogue, Phase.AUTH);
    }

    private void welcome(Reply reply) throws SessionEnd {
        if (reply.kind() != Reply.Kind.COMPLETED) {
            throw rejected(reply);
        }
    }

    /// What the server says is told to senders and logs: of what it repeats of ours they see
    /// nothing.
    private SessionEnd rejected(Reply reply) {
        String password = who.password().text();
        String said = reply.line();
        for (String secret : List.of(plainMessage(), base64(password), password)) {
            if (secret.length() >= SECRET_MIN) {
                said = said.replace(secret, HIDDEN);
            }
        }
        return refused("AUTH rejected: " + said);
    }

    private String challenge(Reply reply) throws SessionEnd {
        if (reply.kind() != Reply.Kind.INTERMEDIATE) {
            throw rejected(reply);
        }
        try {
            return new String(
                    Base64.getDecoder().decode(reply.text().strip()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            return "";
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
