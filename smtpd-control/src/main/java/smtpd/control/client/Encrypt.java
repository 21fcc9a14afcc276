package smtpd.control.client;

import smtpd.core.mail.Bytes;
import smtpd.core.sasl.ScramKeys;
import smtpd.core.sys.Crypt;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Function;

/// `smtpctl encrypt` and `smtpctl scram`: print what tables of credentials keep of a password, its
/// hash in the best scheme of the system's libcrypt, or its keys for SCRAM. Need no daemon and no
/// rights.
///
/// Without a password in the command line each line of standard input is one and is answered by a
/// line of its own (OpenSMTPD: the same); a password that cannot be kept is told on standard error,
/// and makes the exit status 1.
final class Encrypt {
    private final Console console;
    private final Function<String, Optional<String>> scheme;
    private final String missing;
    private final String refusal;

    private Encrypt(
            Console console,
            Function<String, Optional<String>> scheme,
            String missing,
            String refusal) {
        this.console = console;
        this.scheme = scheme;
        this.missing = missing;
        this.refusal = refusal;
    }

    /// Hashes.
    static Encrypt crypt(Console console) {
        return new Encrypt(
                console,
                Crypt::newHash,
                Crypt.isAvailable() ? "" : "encrypt: no libcrypt on this system",
                "encrypt: a password has at most "
                        + Crypt.PASSWORD_MAX
                        + " octets, none of them 0");
    }

    /// Keys for SCRAM.
    static Encrypt scram(Console console) {
        return new Encrypt(
                console,
                Encrypt::newKeys,
                "",
                "scram: a password is not empty and has no control characters");
    }

    private static Optional<String> newKeys(String password) {
        byte[] salt = new byte[ScramKeys.SALT_NEW];
        new SecureRandom().nextBytes(salt);
        return ScramKeys.of(password, Bytes.of(salt), ScramKeys.ITERATIONS_NEW)
                .map(ScramKeys::text);
    }

    /// One password.
    int one(String password) {
        return missing.isEmpty() ? answer(password) : console.fail(Exit.FAILED, missing);
    }

    /// One on each line of standard input.
    int each() {
        if (!missing.isEmpty()) {
            return console.fail(Exit.FAILED, missing);
        }
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8));
        int status = Exit.OK;
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                status = Math.max(status, answer(line));
                // whoever writes one line and waits for its answer gets it
                console.out().flush();
            }
        } catch (IOException e) {
            return console.fail(Exit.FAILED, "standard input: " + e.getMessage());
        }
        return status;
    }

    private int answer(String password) {
        Optional<String> kept = scheme.apply(password);
        kept.ifPresent(console.out()::println);
        return kept.isPresent() ? Exit.OK : console.fail(Exit.FAILED, refusal);
    }
}
