package smtpd.e2e.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import smtpd.core.proc.Role;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// The far end has taken a message, and who would have recorded that dies before it can.
class MaybeSentTest {
    @ParameterizedTest
    @EnumSource(
            value = Role.class,
            names = {"MTA", "QUEUE"})
    @DisplayName("F-58: what was taken and not recorded is sent once more, and only once")
    void whatWasTakenAndNotRecordedIsSentOnceMore(Role role)
            throws IOException, InterruptedException {
        Account account = Account.unprivileged();
        try (Sink sink = Sink.silent();
                House house = House.open(account, sink.port())) {
            Letter letter = Letter.of("maybe-sent", new SplittableRandom(1));
            Waiting.until(
                    () -> house.client().send(letter, List.of(House.FAR)),
                    () -> "mail is not taken:\n" + house.lastLines());
            Waiting.until(
                    () -> sink.messages().size() == 1,
                    () -> "mail is not relayed:\n" + house.lastLines());
            house.kill(role);
            Waiting.until(
                    () -> role == Role.QUEUE || house.lastLines().contains("maybe-sent: envelope"),
                    () -> "the log does not say what may be sent twice:\n" + house.lastLines());
            sink.speak();
            Waiting.until(
                    () -> {
                        house.ask("schedule", "all");
                        return sink.messages().size() > 1;
                    },
                    () -> "mail is not sent again:\n" + house.lastLines());
            Waiting.until(
                    () -> house.ask("show", "queue").isBlank(),
                    () -> "mail is still queued:\n" + house.lastLines());
            assertEquals(
                    List.of(Optional.of(letter.id()), Optional.of(letter.id())),
                    sink.messages().stream().map(Letter::whole).toList());
        }
    }
}
