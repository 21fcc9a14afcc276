package smtpd.queue.seal;

import smtpd.core.mail.Bytes;

import java.security.GeneralSecurityException;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/// AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag behind the bytes.
final class Aead {
    /// Bytes of a nonce.
    static final int NONCE = 12;

    /// Bytes of a tag.
    static final int TAG = 16;

    private static final int TAG_BITS = 8 * TAG;

    private Aead() {}

    /// Seals `in` into `out` at `to`; [#TAG] bytes longer.
    static void seal(SecretKey key, byte[] nonce, byte[] bound, Bytes in, byte[] out, int to) {
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce, bound);
            cipher.doFinal(in.array(), in.offset(), in.length(), out, to);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM", e);
        }
    }

    /// Opens what [#seal] made; throws [SealException] when anything of it was changed.
    static byte[] open(SecretKey key, byte[] nonce, byte[] bound, Bytes in) throws SealException {
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, nonce, bound);
            return cipher.doFinal(in.array(), in.offset(), in.length());
        } catch (AEADBadTagException _) {
            throw new SealException("the seal is broken");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM", e);
        }
    }

    private static Cipher cipher(int mode, SecretKey key, byte[] nonce, byte[] bound)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(bound);
        return cipher;
    }
}
