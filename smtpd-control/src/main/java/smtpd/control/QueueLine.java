package smtpd.control;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.SchedulePhase;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.Printable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A line of `smtpctl show queue`: 14 fields separated by `|`, as OpenSMTPD writes them, with the
/// true expiry in the ninth.
final class QueueLine {
    private QueueLine() {}

    /// @param state where the scheduler has it; null if it does not know the envelope (yet)
    static String of(Envelope envelope, @Nullable ScheduleState state, Instant now) {
        Envelope.State fate = envelope.state();
        Instant lastTry = state == null ? fate.lastTry() : latest(fate.lastTry(), state.lastTry());
        return String.join(
                "|",
                envelope.id().toString(),
                envelope.origin().family(),
                envelope.type().word(),
                flags(envelope, state),
                address(envelope.sender()),
                address(envelope.rcpt()),
                address(envelope.dest()),
                seconds(envelope.created()),
                seconds(envelope.expiry()),
                seconds(lastTry),
                Integer.toString(fate.retry()),
                standing(state, now),
                Printable.line(fate.errorLine()));
    }

    private static Instant latest(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static String flags(Envelope envelope, @Nullable ScheduleState state) {
        List<String> flags = new ArrayList<>();
        if (envelope.target() instanceof Envelope.Target.Bounce) {
            flags.add("bounce");
        }
        if (envelope.origin().flags().authenticated()) {
            flags.add("auth");
        }
        if (envelope.origin().flags().internal()) {
            flags.add("internal");
        }
        if (state == null ? envelope.state().suspended() : state.suspended()) {
            flags.add("suspend");
        }
        if (state != null && state.phase() == SchedulePhase.HELD) {
            flags.add("hold");
        }
        return String.join(",", flags);
    }

    /// `user@domain`, and `@` for the null sender; a separator in it is escaped.
    private static String address(MailAddr address) {
        String text = address.user() + "@" + address.domain();
        return Printable.line(text).replace("|", "\\x7c");
    }

    /// Fields 12 and 13.
    private static String standing(@Nullable ScheduleState state, Instant now) {
        if (state == null) {
            return "offline|";
        }
        return switch (state.phase()) {
            case PENDING, HELD -> "pending|" + Duration.between(now, state.since()).toSeconds();
            case INFLIGHT -> "inflight|" + Duration.between(state.since(), now).toSeconds();
        };
    }

    private static String seconds(Instant time) {
        return Long.toString(time.getEpochSecond());
    }
}
