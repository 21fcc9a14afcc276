package smtpd.core.conf;

/// Where a directive was written: a file and a line in it, counted from 1.
///
/// @param file the name of the file as it was given
/// @param line the line of the directive's first word; 0 when it was not written anywhere
public record Location(String file, int line) {
    /// The place of what was not written: defaults and the implied local socket.
    public static final Location NONE = new Location("", 0);

    /// `file:line`.
    @Override
    public String toString() {
        return file + ":" + line;
    }
}
