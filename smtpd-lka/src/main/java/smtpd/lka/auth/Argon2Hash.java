package smtpd.lka.auth;

import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

import smtpd.core.mail.Bytes;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A stored argon2 hash (RFC 9106), as `$argon2id$v=19$m=65536,t=3,p=4$SALT$HASH`; argon2i as well.
///
/// What it may cost is bounded: whoever writes a table does not decide how much memory lka has.
/// Bounds: [#MEMORY_MAX], [#WORK_MAX], [#LANES_MAX].
///
/// @param type `Argon2Parameters.ARGON2_id` or `ARGON2_i`
/// @param version 0x10 or 0x13
/// @param memory KiB
/// @param passes over the memory
/// @param lanes of parallelism
/// @param salt decoded
/// @param hash decoded
record Argon2Hash(
        int type, int version, int memory, int passes, int lanes, Bytes salt, Bytes hash) {
    static final String PREFIX = "$argon2";

    /// Most memory in KiB: the amount of RFC 9106 §4 for machines that have not much, a quarter of
    /// lka's heap.
    static final int MEMORY_MAX = 64 << 10;

    /// Most memory in KiB times passes: a few seconds.
    static final int WORK_MAX = 1 << 20;

    /// Most lanes; four is usual.
    static final int LANES_MAX = 16;

    /// Salt and hash in octets: the least RFC 9106 §3.1 takes or advises, and far more than anybody
    /// uses.
    private static final int SALT_MIN = 8;

    private static final int HASH_MIN = 4;
    private static final int OCTETS_MAX = 128;

    private static final int V10 = Argon2Parameters.ARGON2_VERSION_10;
    private static final int V13 = Argon2Parameters.ARGON2_VERSION_13;

    private static final Pattern PHC =
            Pattern.compile(
                    "\\$argon2(id|i)(?:\\$v=(\\d{1,3}))?\\$m=(\\d{1,9}),t=(\\d{1,9}),p=(\\d{1,9})"
                            + "\\$([A-Za-z0-9+/]{1,200})\\$([A-Za-z0-9+/]{1,200})");

    /// Reads a hash; empty when it is none, or costs more than it may.
    static Optional<Argon2Hash> parse(String text) {
        Matcher matcher = PHC.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            String version = matcher.group(2);
            Argon2Hash read =
                    new Argon2Hash(
                            matcher.group(1).equals("id")
                                    ? Argon2Parameters.ARGON2_id
                                    : Argon2Parameters.ARGON2_i,
                            version == null ? V10 : Integer.parseInt(version),
                            Integer.parseInt(matcher.group(3)),
                            Integer.parseInt(matcher.group(4)),
                            Integer.parseInt(matcher.group(5)),
                            Bytes.of(Base64.getDecoder().decode(matcher.group(6))),
                            Bytes.of(Base64.getDecoder().decode(matcher.group(7))));
            return read.isBearable() ? Optional.of(read) : Optional.empty();
        } catch (IllegalArgumentException _) {
            // base64 of an impossible length
            return Optional.empty();
        }
    }

    private boolean isBearable() {
        return (version == V10 || version == V13)
                && lanes >= 1
                && lanes <= LANES_MAX
                && memory >= 8 * lanes
                && memory <= MEMORY_MAX
                && passes >= 1
                && passes <= WORK_MAX / memory
                && salt.length() >= SALT_MIN
                && salt.length() <= OCTETS_MAX
                && hash.length() >= HASH_MIN
                && hash.length() <= OCTETS_MAX;
    }

    /// Whether it is the hash of a password; takes the same time wherever they differ.
    boolean fits(String password) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(
                new Argon2Parameters.Builder(type)
                        .withVersion(version)
                        .withMemoryAsKB(memory)
                        .withIterations(passes)
                        .withParallelism(lanes)
                        .withSalt(salt.toByteArray())
                        .build());
        byte[] computed = new byte[hash.length()];
        generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), computed);
        return MessageDigest.isEqual(computed, hash.toByteArray());
    }
}
