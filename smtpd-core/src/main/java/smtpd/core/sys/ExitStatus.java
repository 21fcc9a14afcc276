package smtpd.core.sys;

/// How a program ended.
public sealed interface ExitStatus {
    /// It ended by itself with this code, 0 to 255.
    record Exited(int code) implements ExitStatus {}

    /// A signal ended it.
    record Signaled(int signal) implements ExitStatus {}

    /// Whether it ended by itself with code 0.
    default boolean ok() {
        return equals(new Exited(0));
    }

    /// Decodes the status word of `wait`.
    static ExitStatus of(int word) {
        int signal = word & 0x7f;
        return signal == 0 ? new Exited((word >> 8) & 0xff) : new Signaled(signal);
    }
}
