package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.Config;
import smtpd.core.conf.HostEnvironment;
import smtpd.core.mail.Bytes;
import smtpd.core.tls.Identity;
import smtpd.core.tls.KeyFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the files of `pki` and `ca` hold.
///
/// @param pkis by name
/// @param anchors certificates in DER, by the name of the `ca`
record PkiFiles(Map<String, Pair> pkis, Map<String, List<Bytes>> anchors) {
    private static final Logger LOG = LoggerFactory.getLogger(PkiFiles.class);

    /// Where systems keep the certificates of authorities that everybody trusts.
    private static final List<String> SYSTEM =
            List.of(
                    "/etc/ssl/cert.pem",
                    "/etc/ssl/certs/ca-certificates.crt",
                    "/etc/pki/tls/certs/ca-bundle.crt",
                    "/etc/ssl/ca-bundle.pem");

    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----");

    /// Largest file that is read: hundreds of certificates.
    private static final long SIZE_MAX = 2 * 1024 * 1024;

    /// A certificate and its private key, which belong together.
    ///
    /// @param chain certificates
    /// @param keyId what the key is called ([smtpd.core.tls.Identity#keyId])
    /// @param key PEM text
    record Pair(List<X509Certificate> chain, String keyId, String key) {
        List<Bytes> ders() {
            return PkiFiles.ders(chain);
        }
    }

    /// Reads all files.
    ///
    /// @throws IOException if one cannot be used, with the reason
    static PkiFiles read(Config config) throws IOException {
        Map<String, Pair> pkis = new LinkedHashMap<>();
        for (Config.Pki pki : config.certificates().pkis().values()) {
            pkis.put(pki.name(), pair(pki));
        }
        Map<String, List<Bytes>> anchors = new LinkedHashMap<>();
        for (Config.Ca ca : config.certificates().cas().values()) {
            anchors.put(ca.name(), anchors(ca));
        }
        return new PkiFiles(pkis, anchors);
    }

    /// A certificate and its key.
    ///
    /// @throws IOException if they cannot be used, with the reason
    static Pair pair(Config.Pki pki) throws IOException {
        try {
            List<X509Certificate> chain = certificates(pki.cert());
            String key = HostEnvironment.decode(bytes(pki.key()));
            if (!KeyFile.belongs(KeyFile.read(key), chain.getFirst())) {
                throw new GeneralSecurityException(
                        "the key in " + pki.key() + " is not that of the certificate");
            }
            return new Pair(chain, Identity.keyId(chain.getFirst().getPublicKey()), key);
        } catch (GeneralSecurityException e) {
            throw new IOException("pki " + pki.name() + ": " + e.getMessage(), e);
        }
    }

    /// The certificates of a `ca`.
    ///
    /// @throws IOException if they cannot be used, with the reason
    static List<Bytes> anchors(Config.Ca ca) throws IOException {
        try {
            return ders(certificates(ca.cert()));
        } catch (CertificateException e) {
            throw new IOException("ca " + ca.name() + ": " + e.getMessage(), e);
        }
    }

    /// The system's trust anchors, not looked at: there are many, and most are never needed. Empty
    /// if it has none where they are looked for.
    static List<Bytes> systemAnchors() {
        for (String file : SYSTEM) {
            if (Files.isReadable(Path.of(file))) {
                try {
                    return blocks(HostEnvironment.decode(bytes(file)));
                } catch (IOException | IllegalArgumentException e) {
                    LOG.warn("warn: {}: {}", file, e.getMessage());
                }
            }
        }
        return List.of();
    }

    private static List<Bytes> blocks(String pem) {
        List<Bytes> ders = new ArrayList<>();
        Matcher block = CERTIFICATE.matcher(pem);
        while (block.find()) {
            ders.add(Bytes.of(Base64.getMimeDecoder().decode(block.group(1))));
        }
        return ders;
    }

    private static List<X509Certificate> certificates(String file)
            throws IOException, CertificateException {
        try {
            return HostEnvironment.certificates(bytes(file));
        } catch (CertificateException e) {
            throw new CertificateException(file + ": " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(String file) throws IOException {
        Path path = Path.of(file);
        if (Files.size(path) > SIZE_MAX) {
            throw new IOException(file + ": too large");
        }
        return Files.readAllBytes(path);
    }

    private static List<Bytes> ders(List<X509Certificate> chain) {
        List<Bytes> ders = new ArrayList<>(chain.size());
        for (X509Certificate one : chain) {
            try {
                ders.add(Bytes.of(one.getEncoded()));
            } catch (CertificateException e) {
                throw new IllegalStateException("a certificate without a form", e);
            }
        }
        return ders;
    }
}
