package smtpd.core.sasl;

import smtpd.core.mail.Bytes;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What a server stores of a password for SCRAM-SHA-256 (RFC 5802 §3, RFC 7677). With it a client's
/// proof can be checked, and a password too; neither can be made of it.
///
/// Written as Dovecot does, `{SCRAM-SHA-256}iterations,salt,stored-key,server-key`, which has no
/// colon and so fits into every table; the form of RFC 5803 §2 and of PostgreSQL,
/// `SCRAM-SHA-256$iterations:salt$stored-key:server-key`, is read as well. Salt and keys are
/// base64.
///
/// @param iterations [#ITERATIONS_MIN] to [#ITERATIONS_MAX]
/// @param salt [#SALT_MIN] to [#SALT_MAX] octets
/// @param storedKey 32 octets
/// @param serverKey 32 octets
public record ScramKeys(int iterations, Bytes salt, Bytes storedKey, Bytes serverKey) {
    /// The mechanism's name.
    public static final String MECHANISM = "SCRAM-SHA-256";

    /// Fewest iterations (RFC 7677 §4).
    public static final int ITERATIONS_MIN = 4096;

    /// Most iterations: about two seconds; whoever writes a table does not decide how long lka
    /// computes.
    public static final int ITERATIONS_MAX = 2_000_000;

    /// Iterations of new keys: tens of milliseconds for whoever logs in, years for whoever guesses.
    public static final int ITERATIONS_NEW = 65_536;

    /// Octets of salt: with the most, a challenge fits into one reply.
    public static final int SALT_MIN = 8;

    private static final int SALT_MAX = 64;

    /// Octets of the salt of new keys.
    public static final int SALT_NEW = 16;

    /// Octets of a key, a proof and a signature: those of SHA-256.
    public static final int KEY = 32;

    private static final String DOVECOT = "{" + MECHANISM + "}";
    private static final String RFC_5803 = MECHANISM + "$";

    private static final String BASE64 = "([A-Za-z0-9+/]{1,172}={0,2})";

    private static final Pattern FORM =
            Pattern.compile(
                    "(?:\\{SCRAM-SHA-256\\}([0-9]{1,9}),"
                            + BASE64
                            + ","
                            + BASE64
                            + ","
                            + BASE64
                            + ")|(?:SCRAM-SHA-256\\$([0-9]{1,9}):"
                            + BASE64
                            + "\\$"
                            + BASE64
                            + ":"
                            + BASE64
                            + ")");

    /// Checks the bounds.
    public ScramKeys {
        if (iterations < ITERATIONS_MIN
                || iterations > ITERATIONS_MAX
                || salt.length() < SALT_MIN
                || salt.length() > SALT_MAX
                || storedKey.length() != KEY
                || serverKey.length() != KEY) {
            throw new IllegalArgumentException("keys of SCRAM out of bounds");
        }
    }

    /// Whether a stored credential is meant to be keys of SCRAM, well written or not.
    public static boolean isMeant(String stored) {
        return stored.startsWith(DOVECOT) || stored.startsWith(RFC_5803);
    }

    /// Reads stored keys; empty when they are none or out of bounds.
    public static Optional<ScramKeys> parse(String stored) {
        Matcher matcher = FORM.matcher(stored);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int first = matcher.group(1) == null ? 5 : 1;
        try {
            return Optional.of(
                    new ScramKeys(
                            Integer.parseInt(matcher.group(first)),
                            decoded(matcher.group(first + 1)),
                            decoded(matcher.group(first + 2)),
                            decoded(matcher.group(first + 3))));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static Bytes decoded(String text) {
        return Bytes.of(Base64.getDecoder().decode(text));
    }

    /// The keys of a password; empty when it is none that can be prepared, or empty.
    public static Optional<ScramKeys> of(String password, Bytes salt, int iterations) {
        return SaslPrep.prepare(password)
                .filter(prepared -> !prepared.isEmpty())
                .map(prepared -> derived(prepared, salt, iterations));
    }

    private static ScramKeys derived(String prepared, Bytes salt, int iterations) {
        byte[] salted = salted(prepared, salt.toByteArray(), iterations);
        Bytes storedKey = Bytes.of(sha256(hmac(salted, "Client Key")));
        return new ScramKeys(iterations, salt, storedKey, Bytes.of(hmac(salted, "Server Key")));
    }

    /// What a client sends, and what it then hears from a server that knows the password's keys.
    ///
    /// @param proof `ClientProof`
    /// @param signature `ServerSignature`
    record Proof(Bytes proof, Bytes signature) {}

    /// A client's proof (RFC 5802 §3).
    ///
    /// @param prepared a password, prepared
    /// @param message what both sides said, `AuthMessage`
    static Proof proof(String prepared, Bytes salt, int iterations, String message) {
        byte[] salted = salted(prepared, salt.toByteArray(), iterations);
        byte[] proof = hmac(salted, "Client Key");
        byte[] mask = hmac(sha256(proof), message);
        for (int i = 0; i < KEY; i++) {
            proof[i] ^= mask[i];
        }
        return new Proof(Bytes.of(proof), Bytes.of(hmac(hmac(salted, "Server Key"), message)));
    }

    /// The stored form.
    public String text() {
        Base64.Encoder encoder = Base64.getEncoder();
        return DOVECOT
                + iterations
                + ","
                + encoder.encodeToString(salt.toByteArray())
                + ","
                + encoder.encodeToString(storedKey.toByteArray())
                + ","
                + encoder.encodeToString(serverKey.toByteArray());
    }

    /// Whether these are the keys of a password; takes the same time wherever they differ.
    public boolean fits(String password) {
        return of(password, salt, iterations)
                .map(other ->
                        MessageDigest.isEqual(
                                other.storedKey.toByteArray(), storedKey.toByteArray()))
                .orElse(false);
    }

    /// Whether a client that knows the password made this proof (RFC 5802 §3).
    ///
    /// @param message what both sides said, `AuthMessage`
    /// @param proof of the client
    public boolean isProof(String message, Bytes proof) {
        if (proof.length() != KEY) {
            return false;
        }
        byte[] clientKey = hmac(storedKey.toByteArray(), message);
        byte[] given = proof.toByteArray();
        for (int i = 0; i < KEY; i++) {
            clientKey[i] ^= given[i];
        }
        return MessageDigest.isEqual(sha256(clientKey), storedKey.toByteArray());
    }

    /// By what the client sees that we know the password's keys (RFC 5802 §3, `ServerSignature`).
    public Bytes signature(String message) {
        return Bytes.of(hmac(serverKey.toByteArray(), message));
    }

    /// Says nothing of the keys.
    @Override
    public String toString() {
        return "ScramKeys[" + iterations + "]";
    }

    /// `Hi` of RFC 5802 §2.2: PBKDF2 with one block.
    private static byte[] salted(String password, byte[] salt, int iterations) {
        try {
            Mac mac = mac(password.getBytes(StandardCharsets.UTF_8));
            mac.update(salt);
            byte[] round = mac.doFinal(new byte[] {0, 0, 0, 1});
            byte[] result = round.clone();
            for (int i = 1; i < iterations; i++) {
                mac.update(round);
                mac.doFinal(round, 0);
                for (int j = 0; j < KEY; j++) {
                    result[j] ^= round[j];
                }
            }
            return result;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            return mac(key).doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Mac mac(byte[] key) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
