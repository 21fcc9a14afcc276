package smtpd.control.web.page;

import java.time.Duration;
import java.time.Instant;

/// What somebody said, with the time of saying; or that nobody has said anything yet. What is shown
/// of it always shows how old it is.
///
/// @param <T> what was said
public sealed interface Heard<T> {
    /// Why there is nothing newer; empty if this is as new as can be.
    String trouble();

    /// Something was said.
    ///
    /// @param value what
    /// @param at when
    /// @param limit older than this it is stale, whatever the reason
    record Said<T>(T value, Instant at, Duration limit, String trouble) implements Heard<T> {}

    /// Nothing was said so far.
    record Nothing<T>(String trouble) implements Heard<T> {}

    /// Something that was said just now.
    static <T> Heard<T> now(T value, Instant at, Duration limit) {
        return new Said<>(value, at, limit, "");
    }

    /// The same, of which a part is older, as somebody has not been heard of since.
    ///
    /// @param since when the oldest part of it was said
    /// @param reason who says nothing; empty if nobody, and nothing is different
    default Heard<T> stuck(Instant since, String reason) {
        if (reason.isEmpty()) {
            return this;
        }
        return switch (this) {
            case Said<T>(T value, Instant at, Duration limit, String trouble) ->
                    new Said<>(
                            value,
                            since.isBefore(at) ? since : at,
                            limit,
                            trouble.isEmpty() ? reason : trouble);
            case Nothing<T>(String trouble) -> new Nothing<>(trouble.isEmpty() ? reason : trouble);
        };
    }
}
