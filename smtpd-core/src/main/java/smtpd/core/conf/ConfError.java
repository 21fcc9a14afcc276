package smtpd.core.conf;

/// Why a configuration is refused, at one place.
///
/// @param where the place; [Location#NONE] when the whole configuration is at fault
/// @param text what is wrong, what was expected and, where near, what was probably meant
public record ConfError(Location where, String text) {
    /// `file:line: text`, or the text alone without a place.
    @Override
    public String toString() {
        return where.line() == 0 ? text : where + ": " + text;
    }
}
