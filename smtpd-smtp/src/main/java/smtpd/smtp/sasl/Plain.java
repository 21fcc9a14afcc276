package smtpd.smtp.sasl;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Secret;

import java.util.Optional;

/// PLAIN (RFC 4616 §2): `authzid NUL authcid NUL password`, once. The name to act as is ignored
/// (OpenSMTPD: the same): the client is who it proves to be.
final class Plain {
    private Plain() {}

    static Turn read(Bytes message) {
        Optional<String> text = Texts.utf8(message);
        if (text.isEmpty()) {
            return new Turn.Malformed("not UTF-8");
        }
        String[] parts = text.get().split("\0", -1);
        if (parts.length != 3) {
            return new Turn.Malformed("two NULs expected");
        }
        if (parts[1].isEmpty() || parts[2].isEmpty()) {
            return new Turn.Malformed("name or password missing");
        }
        return Texts.isName(parts[1])
                ? new Turn.CheckPassword(parts[1], new Secret(parts[2]))
                : new Turn.Malformed("no such name is possible");
    }
}
