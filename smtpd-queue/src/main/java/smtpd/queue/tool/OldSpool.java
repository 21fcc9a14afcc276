package smtpd.queue.tool;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;

import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// What is in the files of an OpenSMTPD spool: envelopes of version 3, lines `key: value`; each
/// file perhaps gzip, then perhaps AES-256-GCM (a version byte 1, 12 bytes of nonce, the bytes, 16
/// bytes of tag; the key's 32 characters taken as they are).
final class OldSpool {
    private static final int VERSION = 3;
    private static final int ENCRYPTED = 1;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private final byte @Nullable [] key;

    /// Opens what is encrypted with `key`, if there is one.
    OldSpool(byte @Nullable [] key) {
        this.key = key;
    }

    /// A file's bytes as they were before they were encrypted and compressed.
    byte[] unpack(byte[] file) throws IOException {
        byte[] bytes = file;
        if (bytes.length > 0 && bytes[0] == ENCRYPTED) {
            bytes = decrypt(bytes);
        }
        if (bytes.length > 2 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b) {
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
                bytes = in.readAllBytes();
            }
        }
        return bytes;
    }

    private byte[] decrypt(byte[] bytes) throws IOException {
        if (key == null) {
            throw new IOException("it is encrypted, and there is no key");
        }
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(key, "AES"),
                    new GCMParameterSpec(TAG_BITS, Arrays.copyOfRange(bytes, 1, 1 + NONCE)));
            return cipher.doFinal(bytes, 1 + NONCE, bytes.length - 1 - NONCE);
        } catch (GeneralSecurityException e) {
            throw new IOException("it cannot be decrypted: " + e.getMessage(), e);
        }
    }

    /// Reads an envelope; throws [IOException] with a text for the operator when it is none.
    static Envelope envelope(EvpId id, byte[] file) throws IOException {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : new String(file, StandardCharsets.UTF_8).split("\n", -1)) {
            int colon = line.indexOf(": ");
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 2));
            } else if (!line.isEmpty()) {
                throw new IOException(
                        "not a line of an envelope: " + line.length() + " characters");
            }
        }
        try {
            if (Integer.parseInt(text(fields, "version")) != VERSION) {
                throw new IOException("envelope version " + text(fields, "version"));
            }
            return envelope(id, fields);
        } catch (IllegalArgumentException e) {
            throw new IOException("not an envelope: " + e.getMessage(), e);
        }
    }

    private static Envelope envelope(EvpId id, Map<String, String> fields) throws IOException {
        return new Envelope(
                id,
                origin(fields),
                address(text(fields, "sender")),
                address(text(fields, "rcpt")),
                address(text(fields, "dest")),
                target(fields),
                dsn(fields),
                time(fields, "ctime"),
                Duration.ofSeconds(number(fields, "ttl")),
                state(fields));
    }

    private static Envelope.Origin origin(Map<String, String> fields) {
        String flags = text(fields, "flags");
        return new Envelope.Origin(
                text(fields, "tag"),
                text(fields, "smtpname"),
                text(fields, "helo"),
                text(fields, "hostname"),
                text(fields, "sockaddr"),
                text(fields, "username"),
                new Envelope.OriginFlags(
                        flags.contains("authenticated"), flags.contains("internal"), false));
    }

    private static Envelope.Target target(Map<String, String> fields) throws IOException {
        String dispatcher = text(fields, "dispatcher");
        return switch (text(fields, "type")) {
            case "mda" ->
                    new Envelope.Target.Mda(
                            dispatcher,
                            text(fields, "mda-user"),
                            text(fields, "mda-exec"),
                            text(fields, "mda-subaddress"));
            case "mta" -> new Envelope.Target.Mta(dispatcher);
            case "bounce" -> {
                Envelope.BounceKind kind =
                        switch (text(fields, "bounce-type")) {
                            case "delayed" -> Envelope.BounceKind.DELAYED;
                            case "delivered" -> Envelope.BounceKind.DELIVERED;
                            default -> Envelope.BounceKind.FAILED;
                        };
                yield new Envelope.Target.Bounce(
                        kind, Duration.ofSeconds(number(fields, "bounce-delay")));
            }
            default -> throw new IOException("envelope type " + text(fields, "type"));
        };
    }

    private static Dsn dsn(Map<String, String> fields) {
        Set<Dsn.Notify> notify = EnumSet.noneOf(Dsn.Notify.class);
        String words = text(fields, "dsn-notify").toUpperCase(java.util.Locale.ROOT);
        for (Dsn.Notify each : Dsn.Notify.values()) {
            if (words.contains(each.name())) {
                notify.add(each);
            }
        }
        Dsn.Ret ret =
                switch (text(fields, "dsn-ret").toUpperCase(java.util.Locale.ROOT)) {
                    case "FULL" -> Dsn.Ret.FULL;
                    case "HDRS" -> Dsn.Ret.HDRS;
                    default -> Dsn.Ret.UNSPECIFIED;
                };
        return new Dsn(notify, ret, text(fields, "dsn-envid"), text(fields, "dsn-orcpt"));
    }

    private static Envelope.State state(Map<String, String> fields) {
        return new Envelope.State(
                (int) number(fields, "retry"),
                time(fields, "last-try"),
                time(fields, "last-bounce"),
                Envelope.State.NEW.status(),
                text(fields, "errorline"),
                false);
    }

    private static MailAddr address(String text) {
        return text.isEmpty() ? MailAddr.NULL : MailAddr.of(text);
    }

    private static String text(Map<String, String> fields, String key) {
        return fields.getOrDefault(key, "");
    }

    private static long number(Map<String, String> fields, String key) {
        String text = text(fields, key);
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    private static Instant time(Map<String, String> fields, String key) {
        return Instant.ofEpochSecond(number(fields, key));
    }
}
