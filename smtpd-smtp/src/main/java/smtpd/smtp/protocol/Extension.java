package smtpd.smtp.protocol;

import java.util.Optional;

/// An extension of SMTP (RFC 5321 §2.2), as EHLO announces it. One that brings a command of its own
/// is a [Verb].
public interface Extension {
    /// What EHLO says of it to this client now, without the code: its keyword and parameters; empty
    /// while it is not offered.
    Optional<String> keyword(Facts facts);

    /// An extension that is always offered and has no parameters.
    static Extension named(String keyword) {
        Optional<String> line = Optional.of(keyword);
        return _ -> line;
    }
}
