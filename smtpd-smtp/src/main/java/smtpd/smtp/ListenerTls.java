package smtpd.smtp;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Listener;
import smtpd.core.conf.Listener.TlsMode;
import smtpd.core.mail.Bytes;
import smtpd.core.slice.CertificateSet;
import smtpd.core.slice.SmtpSlice;
import smtpd.core.stat.Statistics;
import smtpd.core.tls.Anchors;
import smtpd.core.tls.Ciphers;
import smtpd.core.tls.Identity;
import smtpd.core.tls.Protocols;
import smtpd.core.tls.ServerTls;
import smtpd.core.tls.Signer;
import smtpd.core.tls.TlsConnection;
import smtpd.core.tls.TlsFacts;
import smtpd.smtp.protocol.Encryption;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.sasl.ChannelBindings;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import javax.net.ssl.SSLException;

/// The TLS of every listener that has one: certificates, terms, session tickets. Replaced as a
/// whole when certificates have been read again; sessions go on with what they began with.
/// Thread-safe.
final class ListenerTls {
    /// RFC 9266 §4.
    private static final String EXPORTER = "EXPORTER-Channel-Binding";

    private static final int EXPORTER_LENGTH = 32;

    private final SmtpSlice slice;
    private final Signer signer;
    private final Statistics statistics;
    private volatile Map<Listener, Side> current = Map.of();

    /// What one listener has.
    ///
    /// @param made of what
    /// @param server its side of the handshake
    /// @param anchors who vouches for its clients; null when nobody is asked
    private record Side(Material made, ServerTls server, @Nullable Anchors anchors) {}

    /// What the files hold for one listener.
    ///
    /// @param chains of its pki, in order
    /// @param anchors for its clients
    private record Material(List<List<Bytes>> chains, List<Bytes> anchors) {
        static Material of(Listener.Tls tls, CertificateSet certificates) {
            return new Material(
                    tls.pkis().stream()
                            .map(pki -> certificates.chains().getOrDefault(pki, List.of()))
                            .toList(),
                    certificates.anchors().getOrDefault(tls.ca(), List.of()));
        }
    }

    ListenerTls(SmtpSlice slice, Signer signer, Statistics statistics) {
        this.slice = slice;
        this.signer = signer;
        this.statistics = statistics;
    }

    /// From now on these certificates are shown, and clients judged by these anchors. A listener
    /// that cannot use what it is given keeps what it has, and one for which it is the same keeps
    /// its session tickets too.
    ///
    /// @return why a listener does not use it
    List<String> replace(CertificateSet certificates) {
        List<String> refusals = new ArrayList<>();
        Map<Listener, Side> made = new LinkedHashMap<>(current);
        for (Listener listener : slice.listeners()) {
            Side old = current.get(listener);
            Material material = Material.of(listener.tls(), certificates);
            if (listener.tls().mode() != TlsMode.NONE
                    && (old == null || !old.made.equals(material))) {
                try {
                    made.put(listener, side(listener.tls(), material, certificates));
                } catch (GeneralSecurityException | IllegalArgumentException e) {
                    refusals.add(listener.where() + ": tls: " + e.getMessage());
                }
            }
        }
        current = made;
        return refusals;
    }

    private Side side(Listener.Tls tls, Material material, CertificateSet certificates)
            throws GeneralSecurityException {
        List<Identity> identities = new ArrayList<>();
        for (String pki : tls.pkis()) {
            identities.add(Identity.of(pki, certificates.chains().getOrDefault(pki, List.of())));
        }
        Anchors anchors = anchors(tls, certificates);
        String ciphers = tls.ciphers().isEmpty() ? slice.smtp().ciphers() : tls.ciphers();
        ServerTls.Terms terms =
                new ServerTls.Terms(
                        Protocols.parse(tls.protocols()),
                        Ciphers.parse(ciphers),
                        tls.pkis().stream().anyMatch(slice.dhe()::contains),
                        tls.verify());
        return new Side(material, ServerTls.of(identities, signer, anchors, terms), anchors);
    }

    private static @Nullable Anchors anchors(Listener.Tls tls, CertificateSet certificates)
            throws GeneralSecurityException {
        if (tls.ca().isEmpty() && !tls.verify()) {
            return null;
        }
        List<Bytes> ders = certificates.anchors().getOrDefault(tls.ca(), List.of());
        return ders.isEmpty() && tls.ca().isEmpty()
                ? Anchors.ofRuntime()
                : Anchors.of(Identity.certificates(ders));
    }

    /// Shakes hands with a client of `listener`.
    ///
    /// @throws IOException if that fails
    Accepted accept(Listener listener, ClientStream client) throws IOException {
        Side side = current.get(listener);
        if (side == null) {
            throw new IOException("no certificate");
        }
        TlsConnection tls = side.server.accept(new SecureStream.Under(client));
        String key = listener.tls().mode() == TlsMode.SMTPS ? "smtp.smtps" : "smtp.tls";
        statistics.increment(key);
        SecureStream stream = new SecureStream(client, tls, () -> statistics.decrement(key));
        return new Accepted(stream, tls, check(side, listener, tls.peerChain()));
    }

    private static Check check(Side side, Listener listener, List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            return Check.NONE;
        }
        if (listener.tls().verify()) {
            return Check.VERIFIED;
        }
        Anchors anchors = side.anchors;
        if (anchors == null) {
            return Check.UNCHECKED;
        }
        return anchors.problemOfClient(chain).isEmpty() ? Check.VERIFIED : Check.UNVERIFIED;
    }

    /// What became of a client's certificate.
    enum Check {
        /// It showed none.
        NONE,
        /// Nobody was named to judge it.
        UNCHECKED,
        /// It is not vouched for.
        UNVERIFIED,
        /// It is good.
        VERIFIED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// A client whose connection is encrypted now.
    ///
    /// @param stream its bytes
    /// @param tls the connection
    /// @param check what became of its certificate
    record Accepted(SecureStream stream, TlsConnection tls, Check check) {
        /// The facts of the session from now on; logs what is new. Who the client was before is
        /// forgotten (RFC 3207 §4.2).
        Facts learn(Facts facts) {
            TlsFacts agreed = tls.facts();
            facts.log().tls(facts.id(), agreed);
            if (check != Check.NONE) {
                String fingerprint = Identity.fingerprint(tls.peerChain().getFirst());
                facts.log().certCheck(facts.id(), check.word(), fingerprint);
            }
            String verified = check == Check.VERIFIED ? "YES" : "NO";
            return facts.authenticated("")
                    .encrypted(new Encryption(agreed + ":" + verified, bindings()));
        }

        /// None before TLS 1.3: clients would take `tls-unique` (RFC 5802 §6.1), which the runtime
        /// does not give out, and those that can do without log in by SCRAM-SHA-256.
        private ChannelBindings bindings() {
            if (!tls.facts().version().equals("TLSv1.3")) {
                return ChannelBindings.NONE;
            }
            return new ChannelBindings(
                    Map.of("tls-exporter", this::exporter, "tls-server-end-point", this::endPoint));
        }

        /// RFC 9266 §2.
        private Optional<Bytes> exporter() {
            try {
                return Optional.of(Bytes.of(tls.export(EXPORTER, EXPORTER_LENGTH)));
            } catch (SSLException e) {
                return Optional.empty();
            }
        }

        /// RFC 5929 §4.
        private Optional<Bytes> endPoint() {
            return tls.ownChain().stream().findFirst().flatMap(Identity::endPoint).map(Bytes::of);
        }
    }
}
