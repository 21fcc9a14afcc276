package smtpd.core.tls;

import java.util.List;
import java.util.Optional;

/// A cipher suite that we can use, under both of its names.
///
/// @param name in the registry of TLS, and in JSSE
/// @param openssl OpenSSL's name
/// @param exchange key agreement: `ECDHE`, `DHE`, or `any` in TLS 1.3
/// @param signature the server's key: `RSA`, `ECDSA`, or `any` in TLS 1.3
/// @param cipher `AESGCM`, `CHACHA20` or `AES` (CBC)
/// @param mac `AEAD`, `SHA1`, `SHA256` or `SHA384`
record Suite(
        String name, String openssl, String exchange, String signature, String cipher, String mac) {
    /// All of them, in the order of preference: the way to agree on keys, then the strength.
    static final List<Suite> ALL =
            List.of(
                    modern("TLS_AES_256_GCM_SHA384", "AESGCM"),
                    modern("TLS_CHACHA20_POLY1305_SHA256", "CHACHA20"),
                    modern("TLS_AES_128_GCM_SHA256", "AESGCM"),
                    aead("ECDHE", "ECDSA", "AES256-GCM-SHA384"),
                    aead("ECDHE", "RSA", "AES256-GCM-SHA384"),
                    aead("ECDHE", "ECDSA", "CHACHA20-POLY1305"),
                    aead("ECDHE", "RSA", "CHACHA20-POLY1305"),
                    aead("ECDHE", "ECDSA", "AES128-GCM-SHA256"),
                    aead("ECDHE", "RSA", "AES128-GCM-SHA256"),
                    aead("DHE", "RSA", "AES256-GCM-SHA384"),
                    aead("DHE", "RSA", "CHACHA20-POLY1305"),
                    aead("DHE", "RSA", "AES128-GCM-SHA256"),
                    cbc("ECDHE", "ECDSA", 256, "SHA384"),
                    cbc("ECDHE", "RSA", 256, "SHA384"),
                    cbc("ECDHE", "ECDSA", 128, "SHA256"),
                    cbc("ECDHE", "RSA", 128, "SHA256"),
                    cbc("DHE", "RSA", 256, "SHA256"),
                    cbc("DHE", "RSA", 128, "SHA256"),
                    cbc("ECDHE", "ECDSA", 256, "SHA1"),
                    cbc("ECDHE", "RSA", 256, "SHA1"),
                    cbc("ECDHE", "ECDSA", 128, "SHA1"),
                    cbc("ECDHE", "RSA", 128, "SHA1"),
                    cbc("DHE", "RSA", 256, "SHA1"),
                    cbc("DHE", "RSA", 128, "SHA1"));

    private static Suite modern(String name, String cipher) {
        return new Suite(name, name, "any", "any", cipher, "AEAD");
    }

    private static Suite aead(String exchange, String signature, String rest) {
        String stem = "TLS_" + exchange + "_" + signature + "_WITH_";
        String registered =
                switch (rest) {
                    case "AES256-GCM-SHA384" -> "AES_256_GCM_SHA384";
                    case "AES128-GCM-SHA256" -> "AES_128_GCM_SHA256";
                    case "CHACHA20-POLY1305" -> "CHACHA20_POLY1305_SHA256";
                    default -> throw new IllegalArgumentException(rest);
                };
        return new Suite(
                stem + registered,
                exchange + "-" + signature + "-" + rest,
                exchange,
                signature,
                rest.startsWith("AES") ? "AESGCM" : "CHACHA20",
                "AEAD");
    }

    private static Suite cbc(String exchange, String signature, int bits, String mac) {
        String hash = mac.equals("SHA1") ? "SHA" : mac;
        return new Suite(
                "TLS_" + exchange + "_" + signature + "_WITH_AES_" + bits + "_CBC_" + hash,
                exchange + "-" + signature + "-AES" + bits + "-" + hash,
                exchange,
                signature,
                "AES",
                mac);
    }

    /// Whether it is one of TLS 1.3.
    boolean isModern() {
        return exchange.equals("any");
    }

    /// Bits of the cipher's key.
    int bits() {
        return name.contains("AES_128") ? 128 : 256;
    }

    /// The suite of that name, either one.
    static Optional<Suite> of(String name) {
        return ALL.stream()
                .filter(suite -> suite.name.equals(name) || suite.openssl.equals(name))
                .findFirst();
    }
}
