package smtpd.core.conf;

/// A key of the queue as the configuration names it (`queue encryption …`, `queue decryption …`).
///
/// @param use what it is for
/// @param name what the operator calls it; may be empty
/// @param source where it comes from
/// @param value the key, file or command; empty for the other sources
public record QueueKey(Use use, String name, Source source, String value) {
    /// Length of a key written as characters (OpenSMTPD: AES-256, the key taken as written).
    public static final int CHARACTERS = 32;

    /// Length of a key written in hexadecimal.
    public static final int HEX_DIGITS = 64;

    /// What a key is for.
    public enum Use {
        /// New messages are sealed with it.
        ENCRYPT,
        /// Older messages may need it.
        DECRYPT
    }

    /// Origins of a key.
    public enum Source {
        /// Asked on the terminal at start.
        PROMPT,
        /// The lines of standard input at start.
        STDIN,
        /// Written in the configuration.
        KEY,
        /// The lines of a file.
        FILE,
        /// The lines that a command prints.
        COMMAND
    }

    /// Whether a text can be a key.
    public static boolean isKey(String text) {
        return text.length() == CHARACTERS
                || (text.length() == HEX_DIGITS
                        && text.chars().allMatch(c -> Character.digit(c, 16) >= 0));
    }

    /// Everything but a key.
    @Override
    public String toString() {
        return use + " " + name + " " + source + (source == Source.KEY ? "" : " " + value);
    }
}
