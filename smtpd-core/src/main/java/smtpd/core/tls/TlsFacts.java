package smtpd.core.tls;

/// What a handshake came to.
///
/// @param version `TLSv1.2` or `TLSv1.3`
/// @param cipher the suite, by OpenSSL's name for it
/// @param bits of the cipher's key
public record TlsFacts(String version, String cipher, int bits) {
    /// `TLSv1.3:TLS_AES_256_GCM_SHA384:256`, as logs and headers have it.
    @Override
    public String toString() {
        return version + ":" + cipher + ":" + bits;
    }
}
