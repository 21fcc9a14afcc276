package smtpd.mda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.MailAddr;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

final class CommandDeliveryTest {
    private final List<String> events = new ArrayList<>();
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

    /// A command that reads `capacity` bytes and ends as told.
    private CommandDelivery command(int capacity, Commands.Ended ended) {
        return new CommandDelivery((user, command, environment, timeout) -> {
            events.add("start " + command + " as " + user.name() + " for " + timeout);
            return new Running(capacity, ended);
        });
    }

    private final class Running implements Commands.Running {
        private final int capacity;
        private final Commands.Ended ended;

        Running(int capacity, Commands.Ended ended) {
            this.capacity = capacity;
            this.ended = ended;
        }

        @Override
        public OutputStream stdin() {
            return new OutputStream() {
                @Override
                public void write(int octet) throws IOException {
                    if (taken.size() >= capacity) {
                        throw new IOException("write: EPIPE");
                    }
                    taken.write(octet);
                }

                @Override
                public void close() {
                    events.add("close");
                }
            };
        }

        @Override
        public Commands.Ended await() {
            events.add("await");
            return ended;
        }

        @Override
        public void kill() {
            events.add("kill");
        }
    }

    private static Commands.Ended exit(int status, String output) {
        return new Commands.Ended(status, 0, false, output);
    }

    private Verdict verdict(int capacity, Commands.Ended ended) throws IOException {
        return command(capacity, ended)
                .deliver(
                        Samples.USER,
                        "procmail",
                        List.of(),
                        "Delivered-To: a@b\r\n",
                        Samples.letter(Samples.MESSAGE));
    }

    private String summary(int capacity, Commands.Ended ended) throws IOException {
        Verdict verdict = verdict(capacity, ended);
        return verdict.outcome().logWord() + " " + verdict.status() + " " + verdict.stat();
    }

    @Test
    void theMessageIsReadFromStandardInputWithLineFeeds() throws IOException {
        assertEquals("Ok 2.0.0 Delivered", summary(10_000, exit(0, "bye")));
        assertEquals(
                "Delivered-To: a@b\nSubject: hello\n\nfirst\n.second\n",
                taken.toString(StandardCharsets.UTF_8));
        assertEquals(List.of("start procmail as gilles for PT5M", "close", "await"), events);
    }

    @Test
    @DisplayName("F-63: 71 and 75 and a signal are temporary, other statuses permanent")
    void statuses() throws IOException {
        assertEquals(
                "TempFail 4.3.0 Error (temporary failure: \"try later\")",
                summary(10_000, exit(75, "try later")));
        assertEquals(
                "TempFail 4.3.0 Error (system resource problem: exited abnormally)",
                summary(10_000, exit(71, "")));
        assertEquals(
                "TempFail 4.3.0 Error (terminated; signal 9)",
                summary(10_000, new Commands.Ended(-1, 9, false, "")));
        assertEquals(
                "TempFail 4.3.0 Error (terminated; timeout)",
                summary(10_000, new Commands.Ended(-1, 9, true, "")));
        assertEquals(
                "PermFail 5.3.0 Error (\"sh: 1: nosuch: not found\")",
                summary(10_000, exit(127, "sh: 1: nosuch: not found")));
        assertEquals(
                "PermFail 5.1.1 Error (user unknown: \"who?\")", summary(10_000, exit(67, "who?")));
        assertEquals("PermFail 5.3.0 Error (exited abnormally)", summary(10_000, exit(1, "")));
    }

    @Test
    @DisplayName("F-63: a command that reads nothing and says ok has not delivered")
    void readsNothing() throws IOException {
        assertEquals("TempFail 4.3.0 Error (mda exited prematurely)", summary(0, exit(0, "fine")));
        assertEquals(
                "PermFail 5.7.1 Error (permission denied: \"no\")", summary(3, exit(77, "no")));
    }

    @Test
    @DisplayName("F-63: what a command prints is bounded and printable")
    void output() throws IOException {
        Verdict verdict = verdict(10_000, exit(75, "\u001b[2J\r\n" + "x".repeat(1_000_000)));
        assertEquals(Verdict.TEXT_MAX, verdict.text().length());
        assertEquals("\"\\x1b[2J\\r\\nxxx", verdict.text().substring(0, 15));
    }

    @Test
    void aCommandIsDeadBeforeItsInputIsCutShort() throws IOException {
        CommandDelivery delivery = command(10_000, new Commands.Ended(-1, 9, false, ""));
        Letter letter = Letter.read(Samples.broken("Subject: x\r\n\r\n", "half"));
        IOException failure =
                assertThrows(
                        IOException.class,
                        () -> delivery.deliver(Samples.USER, "cat", List.of(), "", letter));
        assertEquals("4.3.0", DeliveryFailure.verdict(failure).status().toString());
        assertEquals(List.of("start cat as gilles for PT5M", "kill", "await", "close"), events);
    }

    @Test
    void theEnvironmentIsOpenSmtpdsAndNothingElse() {
        Envelope envelope =
                Samples.envelope(
                        1,
                        MailAddr.of("sender@example.org"),
                        MailAddr.of("Gilles+Lists@example.com"),
                        new Target.Mda("local", "gilles", "", "Lists"));
        assertEquals(
                List.of(
                        "PATH=/usr/bin:/bin",
                        "DOMAIN=example.com",
                        "HOME=/home/gilles",
                        "RECIPIENT=Gilles+Lists@example.com",
                        "ORIGINAL_RECIPIENT=Gilles+Lists@example.com",
                        "SHELL=/bin/sh",
                        "LOCAL=Gilles+Lists",
                        "LOGNAME=gilles",
                        "USER=gilles",
                        "SENDER=sender@example.org",
                        "EXTENSION=lists"),
                CommandDelivery.environment(Samples.USER, envelope));
    }

    @Test
    void withoutATagThereIsNoExtensionAndTheNullSenderIsEmpty() {
        Envelope envelope =
                Samples.envelope(
                        1,
                        MailAddr.NULL,
                        MailAddr.of("gilles@example.com"),
                        new Target.Mda("local", "gilles", "", ""));
        assertEquals("SENDER=", CommandDelivery.environment(Samples.USER, envelope).getLast());
    }
}
