package smtpd.smtp.sasl;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Secret;

import java.util.Optional;

/// LOGIN: a prompt for the name, a prompt for the password. Clients look for these very prompts.
final class Login {
    private static final Bytes USERNAME = Bytes.of("Username:");
    private static final Bytes PASSWORD = Bytes.of("Password:");

    private Login() {}

    /// Begins; a name that came with the command is not asked for.
    static Turn begin(Optional<Bytes> initial) {
        return initial.map(Login::name).orElseGet(() -> new Turn.Challenge(USERNAME, Login::name));
    }

    private static Turn name(Bytes response) {
        Optional<String> name = Texts.utf8(response).filter(Texts::isName);
        return name.<Turn>map(user -> new Turn.Challenge(PASSWORD, it -> password(user, it)))
                .orElseGet(() -> new Turn.Malformed("no such name is possible"));
    }

    private static Turn password(String user, Bytes response) {
        Optional<String> password =
                Texts.utf8(response).filter(it -> !it.isEmpty() && it.indexOf('\0') < 0);
        return password.<Turn>map(it -> new Turn.CheckPassword(user, new Secret(it)))
                .orElseGet(() -> new Turn.Malformed("no such password is possible"));
    }
}
