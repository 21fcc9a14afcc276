package smtpd.core.imsg;

/// One change to one statistics key; nobody can read it back.
///
/// @param key dotted key, as `scheduler.delivery.ok`
/// @param kind what the change is
/// @param value the amount, the new value, the observation (microseconds), the ratio's part or the
///   time (seconds since 1970)
/// @param whole the ratio's whole; otherwise 0
public record StatUpdate(String key, StatKind kind, long value, long whole) {
    static void write(FrameOut out, StatUpdate value) {
        out.text(value.key());
        out.choice(value.kind());
        out.i64(value.value());
        out.i64(value.whole());
    }

    static StatUpdate read(FrameIn in) {
        return new StatUpdate(in.text(), in.choice(StatKind.values()), in.i64(), in.i64());
    }
}
