package smtpd.queue;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.BounceKind;
import smtpd.core.mail.Envelope.Cause;
import smtpd.core.mail.Envelope.State;
import smtpd.core.mail.Envelope.Story;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.Esc;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What follows from the end of a delivery attempt: pure.
///
/// A report is owed to the sender as RFC 3461 §4.1 and RFC 5321 §4.5.5 say: on failure and delay
/// unless it was asked otherwise, on success only if it was asked; never for the null sender, and
/// never about a report of our own.
///
/// @param warnIntervals after how long in the queue a delay is reported (`bounce warn-interval`),
///   ascending
/// @param bounceLimit reports in an hour to one address about mail whose sender did not
///   authenticate; 0 for no limit (`bounce limit`), [smtpd.core.conf.QueueOptions#NO_REPORTS] for
///   none (`bounce suppress`)
public record Aftermath(List<Duration> warnIntervals, int bounceLimit) {
    /// How long a report that cannot be written yet is tried (RFC 5321 §4.5.4.1: 4 to 5 days).
    static final Duration REPORT_TTL = Duration.ofDays(4);

    /// Delivery time expired (RFC 3463 §3.5), of what was never tried.
    private static final Esc EXPIRED = new Esc(5, 4, 7);

    /// Routing loop detected (RFC 3463 §3.5).
    private static final Esc LOOP = new Esc(5, 4, 6);

    /// What becomes of the envelope.
    sealed interface Fate {
        /// It is done with; perhaps a report is owed.
        ///
        /// @param report the envelope that stands for the report, its id still the old one
        record Gone(Optional<Envelope> report) implements Fate {}

        /// It is tried again; perhaps a delay is reported.
        ///
        /// @param state how it has fared
        /// @param warning the envelope that stands for the warning, its id still the old one
        record Again(State state, Optional<Envelope> warning) implements Fate {}
    }

    /// @param envelope as it was handed out
    /// @param result how the attempt ended
    /// @param now when
    Fate of(Envelope envelope, DeliveryResult result, Instant now) {
        return switch (result.outcome()) {
            case OK -> new Fate.Gone(success(envelope, result, now));
            case TEMPFAIL -> again(envelope, result, now);
            case PERMFAIL, LOOP -> new Fate.Gone(failure(envelope, result, now));
        };
    }

    private static Optional<Envelope> failure(
            Envelope envelope, DeliveryResult result, Instant now) {
        if (!wanted(envelope, Dsn.Notify.FAILURE)) {
            return Optional.empty();
        }
        Target told =
                new Target.Bounce(BounceKind.FAILED, Duration.ZERO, story(envelope, result, now));
        State state = error(permanent(result), result.text());
        return Optional.of(report(envelope, told, ttl(envelope, now), state));
    }

    /// What has failed for good says so: a loop that its finder calls temporary would be told as a
    /// delay.
    private static Esc permanent(DeliveryResult result) {
        return switch (result.outcome()) {
            case LOOP -> LOOP;
            case OK, TEMPFAIL, PERMFAIL -> result.status();
        };
    }

    /// The report owed for an envelope that was in the queue too long. It gives the reason of the
    /// last attempt, where there was one (RFC 3463 §3.5, X.4.7).
    Optional<Envelope> expired(Envelope envelope, Instant now) {
        if (!wanted(envelope, Dsn.Notify.FAILURE)) {
            return Optional.empty();
        }
        State last = envelope.state();
        boolean tried = last.lastTry().isAfter(Instant.EPOCH) && last.status().status() != 2;
        Story story = new Story(Cause.EXPIRED, "", last.lastTry(), last.lastTry());
        Target told = new Target.Bounce(BounceKind.FAILED, Duration.ZERO, story);
        State state = error(tried ? last.status() : EXPIRED, tried ? last.errorLine() : "");
        return Optional.of(report(envelope, told, ttl(envelope, now), state));
    }

    private static Story story(Envelope envelope, DeliveryResult result, Instant now) {
        Cause cause = envelope.target() instanceof Target.Mta ? Cause.REMOTE : Cause.LOCAL;
        return new Story(cause, result.remote(), now, envelope.state().lastTry());
    }

    private static Optional<Envelope> success(
            Envelope envelope, DeliveryResult result, Instant now) {
        if (result.dsnPassedOn()
                || mute(envelope)
                || !envelope.dsn().notifyOn().contains(Dsn.Notify.SUCCESS)) {
            return Optional.empty();
        }
        BounceKind kind =
                envelope.target() instanceof Target.Mta ? BounceKind.RELAYED : BounceKind.DELIVERED;
        Target told = new Target.Bounce(kind, Duration.ZERO, story(envelope, result, now));
        State state = error(result.status(), result.text());
        return Optional.of(report(envelope, told, ttl(envelope, now), state));
    }

    private Fate again(Envelope envelope, DeliveryResult result, Instant now) {
        State old = envelope.state();
        Optional<Duration> due = warningDue(envelope, now);
        State state =
                new State(
                        old.retry() + 1,
                        now,
                        due.isPresent() ? now : old.lastBounce(),
                        result.status(),
                        result.text(),
                        old.operator());
        Optional<Envelope> warning =
                due.filter(_ -> wanted(envelope, Dsn.Notify.DELAY))
                        .map(delay ->
                                report(
                                        envelope,
                                        new Target.Bounce(
                                                BounceKind.DELAYED,
                                                delay,
                                                story(envelope, result, now)),
                                        envelope.ttl(),
                                        error(result.status(), result.text())));
        return new Fate.Again(state, warning);
    }

    /// The longest interval that has passed since acceptance and not yet at the last warning.
    private Optional<Duration> warningDue(Envelope envelope, Instant now) {
        Optional<Duration> due = Optional.empty();
        for (Duration interval : warnIntervals) {
            Instant when = envelope.created().plus(interval);
            boolean warned = !envelope.state().lastBounce().isBefore(when);
            if (!now.isBefore(when) && !warned) {
                due = Optional.of(interval);
            }
        }
        return due;
    }

    private static boolean wanted(Envelope envelope, Dsn.Notify event) {
        Set<Dsn.Notify> asked = envelope.dsn().notifyOn();
        return !mute(envelope) && (asked.isEmpty() || asked.contains(event));
    }

    /// Nobody to tell: a report of ours, or a message without a sender (RFC 5321 §4.5.5).
    static boolean mute(Envelope envelope) {
        return envelope.sender().isNull() || envelope.target() instanceof Target.Bounce;
    }

    /// How long a report may wait to be written, counted like the envelope's ttl from its creation:
    /// what has just expired must not take its report with it.
    private static Duration ttl(Envelope about, Instant now) {
        Duration age = Duration.between(about.created(), now);
        return (age.isNegative() ? Duration.ZERO : age).plus(REPORT_TTL);
    }

    private static State error(Esc status, String text) {
        return new State(0, Instant.EPOCH, Instant.EPOCH, status, text, false);
    }

    private static Envelope report(Envelope about, Target told, Duration ttl, State state) {
        return new Envelope(
                about.id(),
                about.origin(),
                about.sender(),
                about.rcpt(),
                about.dest(),
                told,
                about.dsn(),
                about.created(),
                ttl,
                state);
    }
}
