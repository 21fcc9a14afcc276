package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

/// Ends the reading of one directive. Never leaves the parser.
final class SyntaxError extends Exception {
    private static final long serialVersionUID = 1;

    /// The error; null when it was reported already.
    private final transient @Nullable ConfError error;

    SyntaxError(@Nullable ConfError error) {
        super(error == null ? "" : error.text(), null, false, false);
        this.error = error;
    }

    @Nullable ConfError error() {
        return error;
    }
}
