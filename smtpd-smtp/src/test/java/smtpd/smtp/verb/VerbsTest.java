package smtpd.smtp.verb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Listener;
import smtpd.core.conf.SmtpOptions;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.SessionId;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.MailParams;
import smtpd.core.smtp.RcptParams;
import smtpd.core.smtp.Received.Dialect;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Ends;
import smtpd.smtp.protocol.ErrorBudget;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Hello;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Terms;
import smtpd.smtp.protocol.Verb;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

class VerbsTest {
    private static final Phase GREETED = new Phase.Greeted(0);
    private static final Phase HELO =
            new Phase.Identified(new Hello(Dialect.SMTP, "client.example"), 0);
    private static final Phase EHLO =
            new Phase.Identified(new Hello(Dialect.ESMTP, "client.example"), 0);

    private static final Command MAIL = new Command.Mail(MailAddr.NULL, MailParams.NONE);
    private static final Command RCPT =
            new Command.Rcpt(new MailAddr("a", "b.example"), RcptParams.NONE);
    private static final Command DATA = new Command.Data();

    /// A dialogue in which nobody is asked anything.
    private static final Talk NOBODY =
            new Talk() {
                @Override
                @SuppressWarnings("NullAway") // no service is used
                public Facts facts() {
                    return new Facts(
                            new SessionId(1),
                            Client.at("192.0.2.1"),
                            Terms.of(Listener.DEFAULT_SOCKET, "mx.example", SmtpOptions.DEFAULT),
                            null,
                            Ends.NONE);
                }

                @Override
                public void learn(Facts facts) {
                    throw new AssertionError("nothing to learn");
                }

                @Override
                public void prompt(Reply reply) {
                    throw new AssertionError("prompted: " + reply);
                }

                @Override
                public void flush() {}

                @Override
                public LineReader input() {
                    return new LineReader(InputStream.nullInputStream());
                }
            };

    private static Reply answer(Phase phase, Command command) throws IOException {
        return Verbs.of(command.word()).take(NOBODY, phase, command).replies().getFirst();
    }

    @Test
    @DisplayName("F-9: commands of a transaction have their places")
    void commandsOfATransactionHaveTheirPlaces() throws Exception {
        for (Command command : List.of(MAIL, RCPT, DATA)) {
            assertEquals(Replies.OUT_OF_ORDER, answer(GREETED, command), command::toString);
        }
        for (Phase phase : List.of(HELO, EHLO)) {
            assertEquals(Replies.OUT_OF_ORDER, answer(phase, RCPT));
            assertEquals(Replies.OUT_OF_ORDER, answer(phase, DATA));
        }
    }

    @Test
    @DisplayName("F-6: nothing may stand behind a command that changes what bytes mean")
    void nothingBehindWhatChangesTheMeaningOfBytes() {
        for (String word : List.of("HELO", "EHLO", "LHLO", "DATA", "STARTTLS", "AUTH")) {
            assertTrue(Verbs.of(word).endsGroup(), word);
        }
        for (String word : List.of("MAIL", "RCPT", "RSET", "NOOP", "VRFY", "QUIT", "BDAT", "X")) {
            assertFalse(Verbs.of(word).endsGroup(), word);
        }
    }

    @Test
    void everyVerbIsFoundByItsWord() {
        for (String word :
                ("HELO EHLO LHLO MAIL RCPT DATA BDAT RSET NOOP QUIT HELP VRFY EXPN ETRN STARTTLS"
                                + " AUTH")
                        .split(" ", -1)) {
            assertEquals(word, Verbs.of(word).word());
        }
        assertSame(Verbs.of("WIZ"), Verbs.of(""));
    }

    @Test
    @DisplayName("F-2: only AUTH may be longer than a command line")
    void onlyAuthMayBeLong() {
        assertEquals(LineReader.AUTH_MAX, Verbs.of("AUTH").lineMax());
        assertEquals(LineReader.COMMAND_MAX, Verbs.of("MAIL").lineMax());
        assertEquals(LineReader.COMMAND_MAX, Verbs.of("").lineMax());
    }

    @Test
    @DisplayName("F-85: a response to AUTH never shows, however wrong the command is")
    void responsesToAuthDoNotShow() {
        Verb<?, ?> auth = Verbs.of("AUTH");
        assertEquals("AUTH PLAIN (...)", auth.shown("AUTH PLAIN c2VjcmV0 c2VjcmV0"));
        assertEquals("auth login", auth.shown("auth login"));
        assertEquals("AUTH  (...)", auth.shown("AUTH  PLAIN c2VjcmV0"));
    }

    @Test
    void probesCostEvenWhenAnswered() {
        Reply ok = Replies.OK;
        for (String word : List.of("VRFY", "EXPN", "ETRN")) {
            assertEquals(ErrorBudget.PROTOCOL, Verbs.of(word).cost(ok), word);
        }
        assertEquals(0, Verbs.of("NOOP").cost(ok));
        assertEquals(ErrorBudget.RECIPIENT, Verbs.of("RCPT").cost(Replies.NO_VALID_RCPTS));
        assertEquals(ErrorBudget.PROTOCOL, Verbs.of("WIZ").cost(Replies.UNRECOGNIZED));
    }

    /// What a new extension looks like: nothing but this.
    private static final class PingVerb extends Verb<Phase.Identified, Command.Unknown> {
        PingVerb() {
            super("XPING", Phase.Identified.class, Command.Unknown.class);
        }

        @Override
        protected Step proceed(Talk talk, Phase.Identified phase, Command.Unknown command) {
            return Step.to(phase, Reply.esc(250, "2.0.0", "pong " + command.argument()));
        }
    }

    @Test
    void newVerbGetsTheArgumentsOfAWordTheParserDoesNotKnow() throws Exception {
        Command command = new Command.Unknown("XPING", "now");
        PingVerb ping = new PingVerb();
        assertEquals(
                "250 2.0.0 pong now", ping.take(NOBODY, EHLO, command).replies().getFirst().line());
        assertEquals(
                Replies.OUT_OF_ORDER, ping.take(NOBODY, GREETED, command).replies().getFirst());
    }

    @Test
    @DisplayName("RFC 5321 §2.2.2: every keyword of EHLO is registered")
    void everyKeywordIsRegistered() throws Exception {
        Set<String> registered = new HashSet<>();
        try (InputStream in =
                Objects.requireNonNull(
                        VerbsTest.class.getResourceAsStream("/iana/service-extensions.txt"))) {
            new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> registered.add(line.substring(0, line.indexOf(' '))));
        }
        List<String> keywords = Verbs.keywords(NOBODY.facts());
        for (String keyword : keywords) {
            assertTrue(registered.contains(keyword.split(" ", 2)[0]), keyword);
        }
        assertTrue(keywords.size() > 8, keywords::toString);
    }
}
