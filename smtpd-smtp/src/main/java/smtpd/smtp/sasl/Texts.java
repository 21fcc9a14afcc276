package smtpd.smtp.sasl;

import smtpd.core.mail.Bytes;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Text of clients.
final class Texts {
    /// Longest name (OpenSMTPD: the same).
    static final int NAME_MAX = 255;

    private Texts() {}

    static Optional<String> utf8(Bytes bytes) {
        try {
            return Optional.of(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes.toByteArray()))
                            .toString());
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
    }

    /// Whether it can be a user's name: no line break and no other control reaches a table, a
    /// filter or a log.
    static boolean isName(String text) {
        return !text.isEmpty()
                && text.length() <= NAME_MAX
                && text.chars().noneMatch(Character::isISOControl);
    }
}
