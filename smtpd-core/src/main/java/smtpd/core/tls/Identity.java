package smtpd.core.tls;

import smtpd.core.mail.Bytes;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/// A certificate with its chain, whose private key is elsewhere.
///
/// @param name of the `pki`
/// @param chain the certificate, then those that vouch for it; never empty
public record Identity(String name, List<X509Certificate> chain) {
    private static final int SAN_DNS = 2;

    public Identity {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("pki " + name + " has no certificate");
        }
    }

    /// An identity from certificates in DER.
    ///
    /// @throws CertificateException if one of them is none, or there is none
    public static Identity of(String name, List<Bytes> chain) throws CertificateException {
        if (chain.isEmpty()) {
            throw new CertificateException("pki " + name + " has no certificate");
        }
        return new Identity(name, certificates(chain));
    }

    /// Certificates from their DER form.
    ///
    /// @throws CertificateException if one of them is none
    public static List<X509Certificate> certificates(List<Bytes> ders) throws CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> certificates = new ArrayList<>(ders.size());
        for (Bytes der : ders) {
            ByteArrayInputStream in = new ByteArrayInputStream(der.toByteArray());
            if (factory.generateCertificate(in) instanceof X509Certificate certificate) {
                certificates.add(certificate);
            }
        }
        return certificates;
    }

    /// The server's, or client's, own certificate.
    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /// What the keeper of its private key knows that by.
    public String keyId() {
        return keyId(certificate().getPublicKey());
    }

    /// The name of the private key that belongs to a public one: the SHA-256 of that, in
    /// hexadecimal.
    public static String keyId(PublicKey known) {
        return sha256(known.getEncoded());
    }

    /// The fingerprint of a certificate as logs show it.
    public static String fingerprint(X509Certificate certificate) {
        try {
            return "SHA256:" + sha256(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("certificate", e);
        }
    }

    /// The hash that binds a channel to a server's certificate (RFC 5929 §4.1): by the hash of its
    /// signature, SHA-256 for older ones; empty where that is not defined.
    public static Optional<byte[]> endPoint(X509Certificate certificate) {
        String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        String hash =
                switch (signature) {
                    case "SHA384WITHRSA", "SHA384WITHECDSA" -> "SHA-384";
                    case "SHA512WITHRSA", "SHA512WITHECDSA" -> "SHA-512";
                    case "SHA256WITHRSA", "SHA256WITHECDSA", "SHA1WITHRSA", "SHA1WITHECDSA" ->
                            "SHA-256";
                    default -> "";
                };
        try {
            return hash.isEmpty()
                    ? Optional.empty()
                    : Optional.of(MessageDigest.getInstance(hash).digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SHA-256", e);
        }
    }

    /// The host names it is for, in lower case: those of the subject's alternative names, or the
    /// common name when it has none.
    public List<String> names() {
        return names(certificate());
    }

    /// The host names a certificate is for.
    public static List<String> names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> one : alternatives) {
                    if (Integer.valueOf(SAN_DNS).equals(one.getFirst())
                            && one.get(1) instanceof String name) {
                        names.add(name.toLowerCase(Locale.ROOT));
                    }
                }
            }
        } catch (CertificateParsingException _) {
            return names;
        }
        return names.isEmpty() ? commonName(certificate) : names;
    }

    private static List<String> commonName(X509Certificate certificate) {
        try {
            String subject = certificate.getSubjectX500Principal().getName();
            for (Rdn rdn : new LdapName(subject).getRdns()) {
                if (rdn.getType().equalsIgnoreCase("CN") && rdn.getValue() instanceof String name) {
                    return List.of(name.toLowerCase(Locale.ROOT));
                }
            }
        } catch (InvalidNameException _) {
            return List.of();
        }
        return List.of();
    }

    /// Whether the certificate is for `host` (RFC 9525 §6.3: a `*` stands for the whole leftmost
    /// label and for nothing else).
    public boolean isFor(String host) {
        return isFor(certificate(), host);
    }

    /// Whether a certificate is for `host`.
    public static boolean isFor(X509Certificate certificate, String host) {
        String wanted = host.toLowerCase(Locale.ROOT);
        String bare = wanted.endsWith(".") ? wanted.substring(0, wanted.length() - 1) : wanted;
        return names(certificate).stream().anyMatch(name -> covers(name, bare));
    }

    private static boolean covers(String pattern, String host) {
        if (!pattern.startsWith("*.")) {
            return pattern.equals(host);
        }
        int dot = host.indexOf('.');
        return dot > 0
                && host.substring(dot).equals(pattern.substring(1))
                && pattern.indexOf('.', 2) > 0;
    }
}
