package smtpd.ca;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Tells what a TLS handshake signs from everything else.
final class TlsContent {
    /// RFC 8446 §4.4.3: 64 spaces, the context, a zero byte, then the transcript hash.
    private static final int PADDING = 64;

    private static final byte[] SERVER = context("TLS 1.3, server CertificateVerify");
    private static final byte[] CLIENT = context("TLS 1.3, client CertificateVerify");

    /// Transcript hashes: SHA-256, SHA-384, SHA-512.
    private static final int[] HASHES = {32, 48, 64};

    /// RFC 5246 §7.4.3: client random and server random.
    private static final int RANDOMS = 64;

    /// RFC 8422 §5.4: ECCurveType named_curve.
    private static final int NAMED_CURVE = 3;

    /// Octets of the smallest prime of a finite field (RFC 7919 §4).
    private static final int PRIME_MIN = 256;

    private static final int CLIENT_HELLO = 1;

    private TlsContent() {}

    private static byte[] context(String text) {
        return (text + "\0").getBytes(StandardCharsets.US_ASCII);
    }

    /// Whether `content` is what a TLS server signs: a TLS 1.3 CertificateVerify or the parameters
    /// of a TLS 1.2 ServerKeyExchange.
    static boolean isServerSignature(byte[] content) {
        return isCertificateVerify(content, SERVER) || isServerKeyExchange(content);
    }

    /// Whether `content` is what a TLS client signs: a TLS 1.3 CertificateVerify, or the handshake
    /// so far of TLS 1.2, which begins with its ClientHello.
    static boolean isClientSignature(byte[] content) {
        return isCertificateVerify(content, CLIENT) || isHandshake(content);
    }

    private static boolean isCertificateVerify(byte[] content, byte[] context) {
        int hash = content.length - PADDING - context.length;
        if (Arrays.binarySearch(HASHES, hash) < 0) {
            return false;
        }
        for (int i = 0; i < PADDING; i++) {
            if (content[i] != 0x20) {
                return false;
            }
        }
        return Arrays.equals(
                content, PADDING, PADDING + context.length, context, 0, context.length);
    }

    private static boolean isServerKeyExchange(byte[] content) {
        return isCurve(content) || isFiniteField(content);
    }

    private static boolean isCurve(byte[] content) {
        int point = RANDOMS + 3;
        return content.length > point
                && content[RANDOMS] == NAMED_CURVE
                && content.length == point + 1 + (content[point] & 0xff);
    }

    /// RFC 5246 §7.4.3: a prime, a generator and a public value, each with its length.
    private static boolean isFiniteField(byte[] content) {
        int at = RANDOMS;
        for (int part = 0; part < 3; part++) {
            if (content.length < at + 2) {
                return false;
            }
            int length = ((content[at] & 0xff) << 8) | (content[at + 1] & 0xff);
            if (length == 0 || (part == 0 && length < PRIME_MIN)) {
                return false;
            }
            at += 2 + length;
        }
        return content.length == at;
    }

    private static boolean isHandshake(byte[] content) {
        if (content.length < 6 || content[0] != CLIENT_HELLO) {
            return false;
        }
        int length = ((content[1] & 0xff) << 16) | ((content[2] & 0xff) << 8) | (content[3] & 0xff);
        return content[4] == 3 && content[5] == 3 && length + 4 < content.length;
    }
}
