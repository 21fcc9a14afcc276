package smtpd.queue.seal;

import smtpd.core.mail.Bytes;

import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.Deque;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/// AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag behind the bytes.
///
/// Ciphers are kept and used again: to look for one costs more than to seal a small message.
final class Aead {
    /// Bytes of a nonce.
    static final int NONCE = 12;

    /// Bytes of a tag.
    static final int TAG = 16;

    private static final int TAG_BITS = 8 * TAG;

    /// Most ciphers that are kept: one for each thread that seals or opens at the same time, of
    /// which there are few.
    private static final int KEPT = 8;

    private static final Deque<Cipher> POOL = new ArrayDeque<>();

    private Aead() {}

    /// Seals `in` into `out` at `to`; [#TAG] bytes longer.
    static void seal(SecretKey key, byte[] nonce, byte[] bound, Bytes in, byte[] out, int to) {
        try {
            Cipher cipher = take();
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(bound);
            cipher.doFinal(in.array(), in.offset(), in.length(), out, to);
            keep(cipher);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM", e);
        }
    }

    /// Opens what [#seal] made; throws [SealException] when anything of it was changed.
    static byte[] open(SecretKey key, byte[] nonce, byte[] bound, Bytes in) throws SealException {
        try {
            Cipher cipher = take();
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(bound);
            byte[] opened = cipher.doFinal(in.array(), in.offset(), in.length());
            keep(cipher);
            return opened;
        } catch (AEADBadTagException _) {
            throw new SealException("the seal is broken");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM", e);
        }
    }

    private static Cipher take() throws GeneralSecurityException {
        synchronized (POOL) {
            Cipher kept = POOL.poll();
            if (kept != null) {
                return kept;
            }
        }
        return Cipher.getInstance("AES/GCM/NoPadding");
    }

    private static void keep(Cipher cipher) {
        synchronized (POOL) {
            if (POOL.size() < KEPT) {
                POOL.push(cipher);
            }
        }
    }
}
