package smtpd.smtp.sasl;

import smtpd.core.mail.Bytes;
import smtpd.core.sasl.ScramKeys;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The mechanisms we speak.
public enum Mechanism {
    /// RFC 4616.
    PLAIN("PLAIN"),
    /// Never standardized: two prompts.
    LOGIN("LOGIN"),
    /// RFC 5802, RFC 7677.
    SCRAM_SHA_256(ScramKeys.MECHANISM),
    /// The same, bound to the TLS connection.
    SCRAM_SHA_256_PLUS(ScramKeys.MECHANISM + "-PLUS");

    private final String word;

    Mechanism(String word) {
        this.word = word;
    }

    /// Its name (RFC 4422 §3.1).
    public String word() {
        return word;
    }

    /// What a session can offer.
    ///
    /// @param scram whether credentials are keys of SCRAM
    /// @param bindings what binds to its TLS connection
    /// @return in the order they are announced
    public static List<Mechanism> offered(boolean scram, ChannelBindings bindings) {
        List<Mechanism> offered = new ArrayList<>(List.of(PLAIN, LOGIN));
        if (scram) {
            offered.add(SCRAM_SHA_256);
            if (bindings.any()) {
                offered.add(SCRAM_SHA_256_PLUS);
            }
        }
        return offered;
    }

    /// The mechanism of that name among those offered.
    ///
    /// @param word in upper case
    public static Optional<Mechanism> named(String word, List<Mechanism> offered) {
        return offered.stream().filter(one -> one.word.equals(word)).findFirst();
    }

    /// Begins.
    ///
    /// @param initial what the client said with its command, if it did
    /// @param bindings what binds to the TLS connection
    /// @param nonce makes one of printable characters without a comma;
    public Turn begin(Optional<Bytes> initial, ChannelBindings bindings, Supplier<String> nonce) {
        return switch (this) {
            case PLAIN -> first(initial, Plain::read);
            case LOGIN -> Login.begin(initial);
            case SCRAM_SHA_256 -> first(initial, it -> Scram.of(false, bindings, nonce).first(it));
            case SCRAM_SHA_256_PLUS ->
                    first(initial, it -> Scram.of(true, bindings, nonce).first(it));
        };
    }

    /// Where the client speaks first it is asked to, unless it has (RFC 4954 §4).
    private static Turn first(
            Optional<Bytes> initial, java.util.function.Function<Bytes, Turn> next) {
        return initial.map(next).orElseGet(() -> new Turn.Challenge(Bytes.EMPTY, next));
    }
}
