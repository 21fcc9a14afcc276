package smtpd.core.sasl;

import smtpd.core.mail.Bytes;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The client's part of SCRAM-SHA-256 without channel binding (RFC 5802 §3, RFC 7677): three
/// messages out, and the knowledge that the server knows the password too. Pure.
public final class ScramClient {
    /// `n,,`: no channel binding, no other identity.
    private static final String HEADER = "n,,";

    private final String password;
    private final String nonce;
    private final String bare;
    private String signature = "";

    /// @param user who
    /// @param password its password
    /// @param nonce printable, without commas; random and never used before
    public ScramClient(String user, String password, String nonce) {
        this.password = password;
        this.nonce = nonce;
        String name = SaslPrep.prepare(user).orElse(user);
        bare = "n=" + name.replace("=", "=3D").replace(",", "=2C") + ",r=" + nonce;
    }

    /// The first message.
    public String first() {
        return HEADER + bare;
    }

    /// The answer to the server's first message; empty if that is none, or asks for more work than
    /// is reasonable, or the password cannot be prepared.
    public Optional<String> last(String server) {
        Map<String, String> fields = fields(server);
        String theirs = fields.getOrDefault("r", "");
        String rounds = fields.getOrDefault("i", "");
        if (fields.containsKey("m")
                || !theirs.startsWith(nonce)
                || theirs.length() == nonce.length()
                || !rounds.matches("[1-9][0-9]{0,6}")) {
            return Optional.empty();
        }
        int iterations = Integer.parseInt(rounds);
        Optional<Bytes> salt = decoded(fields.getOrDefault("s", ""));
        if (iterations > ScramKeys.ITERATIONS_MAX || salt.isEmpty()) {
            return Optional.empty();
        }
        Base64.Encoder encoder = Base64.getEncoder();
        String without =
                "c="
                        + encoder.encodeToString(HEADER.getBytes(StandardCharsets.US_ASCII))
                        + ",r="
                        + theirs;
        String message = bare + "," + server + "," + without;
        return SaslPrep.prepare(password)
                .filter(prepared -> !prepared.isEmpty())
                .map(prepared -> ScramKeys.proof(prepared, salt.get(), iterations, message))
                .map(proof -> {
                    signature = encoder.encodeToString(proof.signature().toByteArray());
                    return without + ",p=" + encoder.encodeToString(proof.proof().toByteArray());
                });
    }

    /// Whether the server's last message shows that it knows the password.
    public boolean isServer(String server) {
        String shown = fields(server).getOrDefault("v", "");
        return !signature.isEmpty()
                && MessageDigest.isEqual(
                        shown.getBytes(StandardCharsets.UTF_8),
                        signature.getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<Bytes> decoded(String text) {
        try {
            Bytes bytes = Bytes.of(Base64.getDecoder().decode(text));
            return bytes.length() == 0 ? Optional.empty() : Optional.of(bytes);
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static Map<String, String> fields(String message) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String part : message.split(",", -1)) {
            if (part.length() >= 2 && part.charAt(1) == '=') {
                fields.putIfAbsent(part.substring(0, 1), part.substring(2));
            }
        }
        return fields;
    }
}
