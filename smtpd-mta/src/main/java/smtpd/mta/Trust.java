package smtpd.mta;

import smtpd.core.mail.Bytes;
import smtpd.core.slice.CertificateSet;
import smtpd.core.tls.Anchors;
import smtpd.core.tls.Ciphers;
import smtpd.core.tls.ClientTls;
import smtpd.core.tls.Identity;
import smtpd.core.tls.Protocols;
import smtpd.core.tls.Signer;

import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The certificates of the mta: whom it believes, and what it shows. Made when first needed, kept
/// until the files were read again. Thread-safe.
public final class Trust {
    /// Nobody but whom the runtime trusts, and nothing to show.
    static final Trust NOBODY =
            new Trust(
                    CertificateSet.EMPTY,
                    (key, scheme, content) -> {
                        throw new SignatureException("no keys");
                    });

    private final Signer signer;
    private CertificateSet certificates;
    private final Map<String, Anchors> anchors = new LinkedHashMap<>();
    private final Map<Manner, ClientTls> clients = new LinkedHashMap<>();

    /// What one client side of TLS is made for.
    private record Manner(String pki, String ciphers, String protocols) {}

    /// @param certificates what there is
    /// @param signer has the private keys
    public Trust(CertificateSet certificates, Signer signer) {
        this.certificates = certificates;
        this.signer = signer;
    }

    /// The files have been read again.
    public synchronized void renew(CertificateSet fresh) {
        certificates = fresh;
        anchors.clear();
        clients.clear();
    }

    /// Whom we believe.
    ///
    /// @param ca a name; empty for the system's
    synchronized Anchors anchors(String ca) throws GeneralSecurityException {
        Anchors known = anchors.get(ca);
        if (known != null) {
            return known;
        }
        List<Bytes> ders = certificates.anchors().getOrDefault(ca, List.of());
        if (ders.isEmpty() && !ca.equals(CertificateSet.SYSTEM)) {
            throw new GeneralSecurityException("no such ca: " + ca);
        }
        Anchors made =
                ders.isEmpty() ? Anchors.ofRuntime() : Anchors.of(Identity.certificates(ders));
        anchors.put(ca, made);
        return made;
    }

    /// Our side of TLS.
    synchronized ClientTls client(TlsTerms terms) throws GeneralSecurityException {
        Manner manner = new Manner(terms.pki(), terms.ciphers(), terms.protocols());
        ClientTls known = clients.get(manner);
        if (known != null) {
            return known;
        }
        ClientTls made = make(manner);
        clients.put(manner, made);
        return made;
    }

    private ClientTls make(Manner manner) throws GeneralSecurityException {
        try {
            return ClientTls.of(
                    manner.pki().isEmpty() ? null : identity(manner.pki()),
                    signer,
                    Protocols.parse(manner.protocols()),
                    Ciphers.parse(manner.ciphers()));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException(e.getMessage(), e);
        }
    }

    private Identity identity(String pki) throws GeneralSecurityException {
        List<Bytes> chain = certificates.chains().get(pki);
        if (chain == null) {
            throw new GeneralSecurityException("no such pki: " + pki);
        }
        return Identity.of(pki, chain);
    }
}
