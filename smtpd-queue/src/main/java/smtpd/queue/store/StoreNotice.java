package smtpd.queue.store;

/// Something about the store that the operator should know.
///
/// @param severity how bad
/// @param text one line
public record StoreNotice(Severity severity, String text) {
    /// How bad it is.
    public enum Severity {
        /// As it should be.
        INFO,
        /// Something is damaged or full; the rest is served.
        WARN,
        /// The store accepts nothing any more.
        ALARM
    }

    static StoreNotice info(String text) {
        return new StoreNotice(Severity.INFO, text);
    }

    static StoreNotice warn(String text) {
        return new StoreNotice(Severity.WARN, text);
    }

    static StoreNotice alarm(String text) {
        return new StoreNotice(Severity.ALARM, text);
    }
}
