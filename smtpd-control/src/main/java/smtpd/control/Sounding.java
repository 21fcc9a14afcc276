package smtpd.control;

import org.jspecify.annotations.Nullable;

import smtpd.control.web.page.Heard;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// Remembers what a process said last, and asks it anew when somebody wants to know: at most once
/// in a while, and for a bounded time. So many who look cost no more than one, and a process that
/// does not answer keeps nobody waiting for long.
///
/// @param <T> what it says
final class Sounding<T> {
    /// Whoever comes sooner after the last question gets its answer.
    static final Duration PAUSE = Duration.ofMillis(900);

    /// Questions to one that did not answer are further apart: they pile up in its link.
    static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(4);

    private final InstantSource clock;
    private final Question<T> question;
    private final Duration limit;
    private @Nullable T value;
    private Instant at = Instant.EPOCH;
    private Instant next = Instant.MIN;
    private String trouble = "";

    /// Asks a process.
    ///
    /// @param <T> what it says
    @FunctionalInterface
    interface Question<T> {
        /// Asks and waits; throws with a text that says who does not answer.
        T ask() throws IOException;
    }

    /// @param clock the steady clock
    /// @param limit older than this an answer is stale
    Sounding(InstantSource clock, Duration limit, Question<T> question) {
        this.clock = clock;
        this.limit = limit;
        this.question = question;
    }

    /// What it says, as new as can be.
    synchronized Heard<T> read() {
        Instant now = clock.instant();
        if (!now.isBefore(next)) {
            try {
                value = question.ask();
                at = clock.instant();
                trouble = "";
                next = at.plus(PAUSE);
            } catch (IOException e) {
                trouble = String.valueOf(e.getMessage());
                next = clock.instant().plus(PAUSE_AFTER_FAILURE);
            }
        }
        T said = value;
        return said == null
                ? new Heard.Nothing<>(trouble)
                : new Heard.Said<>(said, at, limit, trouble);
    }
}
