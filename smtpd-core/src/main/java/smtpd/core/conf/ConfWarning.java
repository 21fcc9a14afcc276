package smtpd.core.conf;

/// What is legal and surely a mistake, at one place.
///
/// @param where the place; [Location#NONE] when the whole configuration is meant
/// @param text what looks wrong
public record ConfWarning(Location where, String text) {
    /// `file:line: warning: text`, or `warning: text` without a place.
    @Override
    public String toString() {
        return where.line() == 0 ? "warning: " + text : where + ": warning: " + text;
    }
}
