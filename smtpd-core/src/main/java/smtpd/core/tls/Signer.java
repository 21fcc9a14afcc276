package smtpd.core.tls;

import java.security.SignatureException;

/// Signs with private keys that are somewhere else. Called by the thread of the handshake, which
/// waits for it.
@FunctionalInterface
public interface Signer {
    /// The signature of `content` by the key of that name ([Identity#keyId]).
    ///
    /// @throws SignatureException when there is none: unknown key, refused, or nobody answers
    byte[] sign(String key, SignScheme scheme, byte[] content) throws SignatureException;
}
