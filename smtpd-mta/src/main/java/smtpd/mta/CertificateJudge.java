package smtpd.mta;

import smtpd.core.imsg.Tlsa;
import smtpd.core.mail.Bytes;
import smtpd.core.tls.Anchors;
import smtpd.core.tls.Identity;

import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Says what is wrong with the certificates a server showed, under a policy. Pure.
final class CertificateJudge {
    /// Certificates of a chain that are looked at.
    static final int CHAIN_MAX = 16;

    private static final int SAN_ADDRESS = 7;

    private CertificateJudge() {}

    /// What is wrong; empty if nothing is. A policy that asks for no certificate is content with
    /// any.
    ///
    /// @param chain the server's own certificate first
    /// @param anchors whom we trust
    static Optional<String> problem(
            TlsPolicy policy, List<X509Certificate> chain, Anchors anchors, Instant now) {
        return switch (policy) {
            case TlsPolicy.Clear _, TlsPolicy.Opportunistic _, TlsPolicy.Encrypted _ ->
                    Optional.empty();
            case TlsPolicy.Verified verified -> byAnchors(chain, verified.names(), anchors);
            case TlsPolicy.Dane dane -> byRecords(chain, dane, now);
        };
    }

    /// What is wrong with a server that should be one of those names (RFC 9525 §6).
    static Optional<String> byAnchors(
            List<X509Certificate> chain, List<String> names, Anchors anchors) {
        boolean address =
                !chain.isEmpty()
                        && names.stream().anyMatch(name -> bearsAddress(chain.getFirst(), name));
        return address ? anchors.problemOfServer(chain) : anchors.problemOfServer(chain, names);
    }

    /// RFC 9525 §6.4: an address is matched by an address, never by a name.
    private static boolean bearsAddress(X509Certificate certificate, String name) {
        String literal = Resolver.literal(name);
        if (literal.isEmpty()) {
            return false;
        }
        try {
            InetAddress wanted = InetAddress.ofLiteral(literal);
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            return alternatives != null
                    && alternatives.stream()
                            .filter(one -> Integer.valueOf(SAN_ADDRESS).equals(one.getFirst()))
                            .anyMatch(one ->
                                    one.get(1) instanceof String text
                                            && InetAddress.ofLiteral(text).equals(wanted));
        } catch (CertificateParsingException | IllegalArgumentException _) {
            return false;
        }
    }

    private static Optional<String> byRecords(
            List<X509Certificate> shown, TlsPolicy.Dane dane, Instant now) {
        List<X509Certificate> chain = shown.subList(0, Math.min(shown.size(), CHAIN_MAX));
        if (chain.isEmpty()) {
            return Optional.of("no certificate");
        }
        String problem = "no TLSA record fits the certificate";
        for (Tlsa record : dane.records()) {
            if (record.usage() == Tlsas.OWN) {
                // RFC 7672 §3.1.1: neither names nor dates nor issuers count
                if (fits(record, chain.getFirst())) {
                    return Optional.empty();
                }
            } else {
                Optional<String> why = byAuthority(record, chain, dane.names(), now);
                if (why.isEmpty()) {
                    return why;
                }
                problem = why.get().isEmpty() ? problem : why.get();
            }
        }
        return Optional.of(problem);
    }

    /// RFC 7671 §5.2: the authority that fits is trusted, for this chain, as far as its own
    /// signatures go. Empty text: it is not in the chain.
    private static Optional<String> byAuthority(
            Tlsa record, List<X509Certificate> chain, List<String> names, Instant now) {
        for (int i = 0; i < chain.size(); i++) {
            X509Certificate one = chain.get(i);
            boolean above = i > 0 || isSelfIssued(one);
            if (above && fits(record, one)) {
                return underAuthority(chain.subList(0, i), one, chain.getFirst(), names, now);
            }
        }
        Optional<X509Certificate> given = given(record);
        return given.isPresent()
                ? underAuthority(chain, given.get(), chain.getFirst(), names, now)
                : Optional.of("");
    }

    private static boolean isSelfIssued(X509Certificate one) {
        return one.getIssuerX500Principal().equals(one.getSubjectX500Principal());
    }

    /// RFC 7671 §5.2.3: a record may hold the authority's whole certificate.
    private static Optional<X509Certificate> given(Tlsa record) {
        if (record.selector() != Tlsas.WHOLE || record.matching() != Tlsas.FULL) {
            return Optional.empty();
        }
        try {
            return Identity.certificates(List.of(record.data())).stream().findFirst();
        } catch (CertificateException _) {
            return Optional.empty();
        }
    }

    private static Optional<String> underAuthority(
            List<X509Certificate> below,
            X509Certificate authority,
            X509Certificate own,
            List<String> names,
            Instant now) {
        if (names.stream().noneMatch(name -> Identity.isFor(own, name))) {
            return Optional.of(
                    "the certificate is for "
                            + String.join(", ", Identity.names(own))
                            + ", not for "
                            + String.join(" or ", names));
        }
        Date date = Date.from(now);
        try {
            authority.checkValidity(date);
            if (!below.isEmpty()) {
                PKIXParameters terms = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
                terms.setRevocationEnabled(false);
                terms.setDate(date);
                CertPathValidator.getInstance("PKIX")
                        .validate(
                                CertificateFactory.getInstance("X.509").generateCertPath(below),
                                terms);
            }
            return Optional.empty();
        } catch (CertPathValidatorException | CertificateException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("PKIX", e);
        }
    }

    /// Whether a record fits a certificate (RFC 6698 §2.1).
    private static boolean fits(Tlsa record, X509Certificate certificate) {
        try {
            byte[] subject =
                    record.selector() == Tlsas.WHOLE
                            ? certificate.getEncoded()
                            : certificate.getPublicKey().getEncoded();
            Bytes found =
                    switch (record.matching()) {
                        case Tlsas.FULL -> Bytes.of(subject);
                        case Tlsas.SHA256 -> digest("SHA-256", subject);
                        case Tlsas.SHA512 -> digest("SHA-512", subject);
                        default -> Bytes.EMPTY;
                    };
            return found.length() > 0
                    && Arrays.equals(found.toByteArray(), record.data().toByteArray());
        } catch (CertificateEncodingException _) {
            return false;
        }
    }

    private static Bytes digest(String algorithm, byte[] bytes) {
        try {
            return Bytes.of(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(algorithm, e);
        }
    }
}
