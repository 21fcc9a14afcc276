package smtpd.control.client;

import smtpd.core.sys.Crypt;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// `smtpctl encrypt`: prints the hash of a password, as tables of credentials want it, in the best
/// scheme of the system's libcrypt. Needs no daemon and no rights.
///
/// Without a password in the command line each line of standard input is one and is answered by a
/// line of its own (OpenSMTPD: the same); a password that cannot be hashed is told on standard
/// error, and makes the exit status 1.
final class Encrypt {
    private final Console console;

    Encrypt(Console console) {
        this.console = console;
    }

    /// One password.
    int one(String password) {
        return Crypt.isAvailable() ? answer(password) : unavailable();
    }

    /// One on each line of standard input.
    int each() {
        if (!Crypt.isAvailable()) {
            return unavailable();
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
            return console.fail(Exit.FAILED, "encrypt: standard input: " + e.getMessage());
        }
        return status;
    }

    private int answer(String password) {
        Optional<String> hash = Crypt.newHash(password);
        hash.ifPresent(console.out()::println);
        return hash.isPresent()
                ? Exit.OK
                : console.fail(
                        Exit.FAILED,
                        "encrypt: a password has at most "
                                + Crypt.PASSWORD_MAX
                                + " octets, none of them 0");
    }

    private int unavailable() {
        return console.fail(Exit.FAILED, "encrypt: no libcrypt on this system");
    }
}
