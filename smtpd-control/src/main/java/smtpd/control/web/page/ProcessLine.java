package smtpd.control.web.page;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.ProcessView;
import smtpd.core.proc.Role;

import java.time.Duration;
import java.time.Instant;

/// What is known of one process.
///
/// @param role which
/// @param status what the parent says
/// @param view how the kernel shows it; null if it was not looked at since it was started
/// @param heap what it says of its heap
/// @param heard when it was heard of last; [Instant#EPOCH] if never
public record ProcessLine(
        Role role, Status status, @Nullable ProcessView view, Heap heap, Instant heard) {
    /// Each process says something every second; on a busy machine a few of them may pass.
    static final Duration SILENCE = Duration.ofSeconds(5);

    /// The parent says something every five.
    static final Duration PARENT_SILENCE = Duration.ofSeconds(12);

    /// Whether it should have been heard of since.
    public boolean isSilent(Instant now) {
        Duration patience = role == Role.PARENT ? PARENT_SILENCE : SILENCE;
        return Duration.between(heard, now).compareTo(patience) > 0;
    }

    /// How the parent says it fares.
    ///
    /// @param pid its id; 0 while it is down
    /// @param starts how often it has been started
    /// @param sandbox what it said of its walls when it was ready
    public record Status(long pid, int starts, String sandbox) {}

    /// Memory of objects.
    ///
    /// @param used bytes in use, garbage included; 0 if it is not known
    /// @param limit bytes at most; 0 if it is not known
    public record Heap(long used, long limit) {}
}
