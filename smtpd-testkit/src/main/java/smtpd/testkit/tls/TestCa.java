package smtpd.testkit.tls;

import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

import smtpd.core.mail.Bytes;
import smtpd.core.tls.Anchors;
import smtpd.core.tls.Signer;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// A certificate authority that lives as long as a test, and certificates good and bad.
public final class TestCa {
    private static final Duration LIFE = Duration.ofDays(30);
    private static final String NAME = "CN=Test Authority";

    private final AtomicLong serial = new AtomicLong(1);
    private final Identity root;

    private TestCa(Identity root) {
        this.root = root;
    }

    /// Kinds of keys.
    public enum Kind {
        RSA("RSA", 2048, "SHA256withRSA"),
        EC("EC", 256, "SHA256withECDSA"),
        EC_384("EC", 384, "SHA384withECDSA"),
        ED_25519("EdDSA", 255, "Ed25519");

        private final String algorithm;
        private final int bits;
        private final String signature;

        Kind(String algorithm, int bits, String signature) {
            this.algorithm = algorithm;
            this.bits = bits;
            this.signature = signature;
        }

        private KeyPair generate() throws GeneralSecurityException {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        }
    }

    /// A certificate with its key.
    ///
    /// @param certificate the certificate
    /// @param key its private key
    public record Identity(X509Certificate certificate, PrivateKey key) {
        /// The certificate as PEM text.
        public String certificatePem() {
            try {
                return pem("CERTIFICATE", certificate.getEncoded());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /// The key as PEM text (PKCS #8).
        public String keyPem() {
            return pem("PRIVATE KEY", key.getEncoded());
        }

        /// The certificate alone as TLS uses it.
        ///
        /// @param name of the pki
        public smtpd.core.tls.Identity of(String name) {
            return new smtpd.core.tls.Identity(name, List.of(certificate));
        }

        /// The certificate alone in DER.
        public Bytes der() {
            try {
                return Bytes.of(certificate.getEncoded());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /// Writes `NAME.crt` and `NAME.key`, with the rights that are asked of them.
        public void writeTo(Path folder, String name) throws IOException {
            write(folder.resolve(name + ".crt"), certificatePem(), "rw-r--r--");
            write(folder.resolve(name + ".key"), keyPem(), "rw-------");
        }

        private static void write(Path file, String text, String rights) throws IOException {
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
        }

        private static String pem(String label, byte[] content) {
            String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
            return "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n";
        }
    }

    /// Signs with the keys of those certificates.
    public static Signer signer(Identity... identities) {
        Map<String, PrivateKey> keys = new LinkedHashMap<>();
        for (Identity one : identities) {
            PublicKey known = one.certificate().getPublicKey();
            keys.put(smtpd.core.tls.Identity.keyId(known), one.key());
        }
        return (id, scheme, content) -> {
            PrivateKey key = keys.get(id);
            if (key == null) {
                throw new SignatureException("unknown key");
            }
            try {
                return scheme.sign(key, content);
            } catch (GeneralSecurityException e) {
                throw new SignatureException(e);
            }
        };
    }

    /// Makes an authority.
    ///
    /// @param now the time its certificates are good at
    public static TestCa create(Instant now) {
        try {
            KeyPair pair = Kind.EC.generate();
            Certificate draft = new Certificate(NAME, List.of(), now.minus(LIFE), now.plus(LIFE));
            return new TestCa(sign(draft, pair, NAME, pair.getPrivate(), BigInteger.ONE, true));
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The authority's own certificate as PEM text.
    public String pem() {
        return root.certificatePem();
    }

    /// The authority's own certificate.
    public X509Certificate certificate() {
        return root.certificate();
    }

    /// The authority's own certificate in DER.
    public Bytes der() {
        return root.der();
    }

    /// Trust in this authority and in no other.
    public Anchors anchors() {
        try {
            return Anchors.of(List.of(certificate()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A good certificate for some host names; the first is its common name too.
    public Identity issue(Kind kind, Instant now, String... hosts) {
        return issue(kind, now.minus(LIFE), now.plus(LIFE), hosts);
    }

    /// A good certificate that remains so for `life`.
    public Identity issue(Kind kind, Instant now, Duration life, String... hosts) {
        return issue(kind, now.minus(Duration.ofDays(1)), now.plus(life), hosts);
    }

    /// A certificate whose time was over a day ago.
    public Identity expired(Kind kind, Instant now, String... hosts) {
        return issue(kind, now.minus(LIFE), now.minus(Duration.ofDays(1)), hosts);
    }

    private Identity issue(Kind kind, Instant from, Instant to, String... hosts) {
        Certificate draft = new Certificate("CN=" + hosts[0], List.of(hosts), from, to);
        try {
            BigInteger number = BigInteger.valueOf(serial.incrementAndGet());
            return sign(draft, kind.generate(), NAME, root.key(), number, false);
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A certificate that nobody but its own key has signed.
    public static Identity selfSigned(Kind kind, Instant now, String... hosts) {
        String name = "CN=" + hosts[0];
        Certificate draft = new Certificate(name, List.of(hosts), now.minus(LIFE), now.plus(LIFE));
        try {
            KeyPair pair = kind.generate();
            return sign(draft, pair, name, pair.getPrivate(), BigInteger.ONE, false);
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Certificate(String subject, List<String> hosts, Instant from, Instant to) {}

    private static Identity sign(
            Certificate draft,
            KeyPair pair,
            String issuer,
            PrivateKey with,
            BigInteger number,
            boolean authority)
            throws GeneralSecurityException, OperatorCreationException, CertIOException {
        JcaX509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        new X500Name(issuer),
                        number,
                        Date.from(draft.from()),
                        Date.from(draft.to()),
                        new X500Name(draft.subject()),
                        pair.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        if (!draft.hosts().isEmpty()) {
            GeneralName[] names =
                    draft.hosts().stream()
                            .map(host -> new GeneralName(GeneralName.dNSName, host))
                            .toArray(GeneralName[]::new);
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
        }
        String algorithm =
                switch (with.getAlgorithm()) {
                    case "RSA" -> Kind.RSA.signature;
                    case "EC" -> Kind.EC.signature;
                    default -> Kind.ED_25519.signature;
                };
        ContentSigner signer = new JcaContentSignerBuilder(algorithm).build(with);
        X509Certificate made =
                new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        return new Identity(made, pair.getPrivate());
    }
}
