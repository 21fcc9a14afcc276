package smtpd.parent;

import smtpd.core.conf.StatisticsConf;
import smtpd.core.mail.Secret;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/// Reads the token of the status page.
final class TokenFile {
    /// More bytes than this are no token.
    private static final int SIZE_MAX = 4096;

    private TokenFile() {}

    /// The first line of a file that is closed to others.
    static Secret read(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException(file + " cannot be read");
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (permissions.contains(PosixFilePermission.OTHERS_READ)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(file + " must not be open to others");
        }
        if (Files.size(file) > SIZE_MAX) {
            throw new IOException(file + " is too large");
        }
        String word = Files.readString(file).lines().findFirst().orElse("").strip();
        if (word.length() < StatisticsConf.TOKEN_MIN) {
            throw new IOException(
                    file + ": a token has at least " + StatisticsConf.TOKEN_MIN + " characters");
        }
        return new Secret(word);
    }
}
