package smtpd.core.tls;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The private key in a PEM text: PKCS#8 (RFC 5958 §2), PKCS#1 (RFC 8017 §A.1.2) or SEC 1 (RFC 5915
/// §3); RSA, elliptic curve, or Ed25519. OpenSMTPD: the first two kinds.
public final class KeyFile {
    private static final Pattern BLOCK =
            Pattern.compile(
                    "-----BEGIN ([A-Z ]*PRIVATE KEY)-----\\s(.*?)-----END \\1-----",
                    Pattern.DOTALL);

    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int CONTEXT_0 = 0xa0;

    /// Version 0 and the algorithm rsaEncryption without parameters.
    private static final byte[] RSA_HEAD = {
        2,
        1,
        0,
        0x30,
        13,
        6,
        9,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        13,
        1,
        1,
        1,
        5,
        0
    };

    /// The object identifier id-ecPublicKey.
    private static final byte[] EC_ID = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

    private static final byte[] PROBE =
            "certificate and key".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private KeyFile() {}

    /// The key.
    ///
    /// @throws GeneralSecurityException if there is none that can be used, with the reason
    public static PrivateKey read(String pem) throws GeneralSecurityException {
        Matcher block = BLOCK.matcher(pem);
        if (!block.find()) {
            throw new GeneralSecurityException("holds no private key");
        }
        String kind = block.group(1);
        String body = block.group(2);
        if (kind.startsWith("ENCRYPTED") || body.contains("ENCRYPTED")) {
            throw new GeneralSecurityException(
                    "the key is encrypted: store it without a passphrase");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(body);
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("the key is damaged", e);
        }
        return switch (kind) {
            case "PRIVATE KEY" -> any(der);
            case "RSA PRIVATE KEY" -> key("RSA", sequence(RSA_HEAD, element(OCTETS, der)));
            case "EC PRIVATE KEY" -> key("EC", sec1(der));
            default ->
                    throw new GeneralSecurityException("keys of kind " + kind + " cannot be used");
        };
    }

    private static PrivateKey any(byte[] pkcs8) throws GeneralSecurityException {
        for (String algorithm : List.of("RSA", "EC")) {
            try {
                return key(algorithm, pkcs8);
            } catch (GeneralSecurityException _) {
                // the next one
            }
        }
        return key("Ed25519", pkcs8);
    }

    private static PrivateKey key(String algorithm, byte[] pkcs8) throws GeneralSecurityException {
        try {
            return KeyFactory.getInstance(algorithm)
                    .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException(
                    "neither an RSA nor an elliptic curve nor an Ed25519 key", e);
        }
    }

    /// An elliptic curve key with the curve, which it holds in its own part \[0\], outside.
    private static byte[] sec1(byte[] der) throws GeneralSecurityException {
        byte[] curve = curve(der);
        byte[] algorithm = element(SEQUENCE, concat(EC_ID, curve));
        return sequence(new byte[] {2, 1, 0}, algorithm, element(OCTETS, der));
    }

    /// The content of part \[0\] of a SEC 1 key.
    private static byte[] curve(byte[] der) throws GeneralSecurityException {
        int at = next(der, 0)[0];
        while (at < der.length) {
            int[] part = next(der, at);
            if ((der[at] & 0xff) == CONTEXT_0) {
                return java.util.Arrays.copyOfRange(der, part[0], part[0] + part[1]);
            }
            at = part[0] + part[1];
        }
        throw new GeneralSecurityException("the key does not name its curve");
    }

    /// Where the content of the element at a place begins, and how long it is.
    private static int[] next(byte[] der, int at) throws GeneralSecurityException {
        int length = at + 1 < der.length ? der[at + 1] & 0xff : -1;
        int from = at + 2;
        int more = length > 0x80 ? length - 0x80 : 0;
        if (more > 0 && more <= 2 && from + more <= der.length) {
            length = 0;
            for (int i = 0; i < more; i++) {
                length = (length << 8) | (der[from++] & 0xff);
            }
        }
        if (length < 0 || more > 2 || from + length > der.length) {
            throw new GeneralSecurityException("the key is damaged");
        }
        return new int[] {from, length};
    }

    private static byte[] sequence(byte[]... parts) {
        return element(SEQUENCE, concat(parts));
    }

    private static byte[] element(int tag, byte[] content) {
        int length = content.length;
        byte[] head =
                length < 0x80
                        ? new byte[] {(byte) tag, (byte) length}
                        : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        return concat(head, content);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /// Whether a key is that of a certificate.
    public static boolean belongs(PrivateKey key, X509Certificate certificate)
            throws GeneralSecurityException {
        PublicKey known = certificate.getPublicKey();
        if (key instanceof RSAPrivateKey own) {
            return known instanceof RSAPublicKey rsa && rsa.getModulus().equals(own.getModulus());
        }
        if (!known.getAlgorithm().equals(key.getAlgorithm())) {
            return false;
        }
        Signature signature =
                Signature.getInstance(known instanceof ECPublicKey ? "SHA256withECDSA" : "Ed25519");
        signature.initSign(key);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        signature.initVerify(known);
        signature.update(PROBE);
        return signature.verify(signed);
    }
}
