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
    /// Questions to one that did not answer are further apart: they pile up in its link.
    static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(4);

    private final InstantSource clock;
    private final Question<T> question;
    private final Terms terms;
    private @Nullable T value;
    private Instant at = Instant.EPOCH;
    private Instant next = Instant.MIN;
    private String trouble = "";

    /// How often somebody is asked.
    ///
    /// @param pause whoever comes sooner after the last question gets its answer
    /// @param limit older than this an answer is stale
    record Terms(Duration pause, Duration limit) {}

    /// Asks a process.
    ///
    /// @param <T> what it says
    @FunctionalInterface
    interface Question<T> {
        /// Asks and waits; throws with a text that says who does not answer.
        T ask() throws IOException;
    }

    /// @param clock the steady clock
    Sounding(InstantSource clock, Terms terms, Question<T> question) {
        this.clock = clock;
        this.terms = terms;
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
                next = at.plus(terms.pause());
            } catch (IOException e) {
                trouble = String.valueOf(e.getMessage());
                next = clock.instant().plus(PAUSE_AFTER_FAILURE);
            }
        }
        T said = value;
        return said == null
                ? new Heard.Nothing<>(trouble)
                : new Heard.Said<>(said, at, terms.limit(), trouble);
    }
}
