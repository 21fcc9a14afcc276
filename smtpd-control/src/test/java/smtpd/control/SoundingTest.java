package smtpd.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import smtpd.control.web.page.Heard;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

class SoundingTest {
    private static final Duration LIMIT = Duration.ofSeconds(8);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private Instant now = Instant.ofEpochSecond(1_800_000_000L);
    private boolean answers = true;
    private int questions;

    private final Sounding<Integer> sounding =
            new Sounding<>(() -> now, new Sounding.Terms(PAUSE, LIMIT), this::ask);

    private int ask() throws IOException {
        questions++;
        if (!answers) {
            throw new IOException("queue does not answer");
        }
        return questions;
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    @Test
    void manyWhoLookCostOneQuestion() {
        for (int i = 0; i < 10; i++) {
            assertEquals(new Heard.Said<>(1, now, LIMIT, ""), sounding.read());
        }
        pass(PAUSE);
        assertEquals(new Heard.Said<>(2, now, LIMIT, ""), sounding.read());
    }

    @Test
    void whatWasSaidLastIsToldWithItsTimeAndWhyThereIsNothingNewer() {
        sounding.read();
        Instant said = now;
        answers = false;
        pass(Duration.ofSeconds(20));
        Heard<Integer> old = new Heard.Said<>(1, said, LIMIT, "queue does not answer");
        assertEquals(old, sounding.read());
        pass(PAUSE);
        assertEquals(old, sounding.read());
        assertEquals(2, questions, "it is left alone for a while");
        answers = true;
        pass(Sounding.PAUSE_AFTER_FAILURE);
        assertEquals(new Heard.Said<>(3, now, LIMIT, ""), sounding.read());
    }

    @Test
    void whoNeverAnsweredHasSaidNothing() {
        answers = false;
        assertEquals(new Heard.Nothing<>("queue does not answer"), sounding.read());
    }
}
