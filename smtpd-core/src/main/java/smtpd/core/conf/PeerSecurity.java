package smtpd.core.conf;

import java.util.Locale;

/// How far the mta goes for what a destination itself asks of those who send to it (`mta dane …`,
/// `mta mta-sts …`).
///
/// @param dane whether TLSA records count (RFC 7672)
/// @param anchors file with the keys DNSSEC begins with, as DS or DNSKEY records; empty for those
///   of the root
/// @param sts whether MTA-STS policies count (RFC 8461)
/// @param stsPort the port they are fetched from; other than 443 for tests only
/// @param stsCa trust anchors for fetching them by name; empty for the system's
public record PeerSecurity(Dane dane, String anchors, boolean sts, int stsPort, String stsCa) {
    /// HTTPS (RFC 8461 §3.3).
    public static final int HTTPS_PORT = 443;

    /// What holds when nothing is configured.
    public static final PeerSecurity DEFAULT =
            new PeerSecurity(Dane.AUTO, "", true, HTTPS_PORT, "");

    /// Nothing is followed.
    public static final PeerSecurity NONE = new PeerSecurity(Dane.OFF, "", false, HTTPS_PORT, "");

    /// Whether TLSA records count.
    public enum Dane {
        /// When the resolvers pass on what DNSSEC needs.
        AUTO,
        /// Always: with resolvers that do not, mail by MX waits.
        ON,
        /// Never; DNSSEC is not looked at.
        OFF;

        /// The word of the language.
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// The same with another way of DANE.
    public PeerSecurity withDane(Dane mode) {
        return new PeerSecurity(mode, anchors, sts, stsPort, stsCa);
    }

    PeerSecurity withAnchors(String file) {
        return new PeerSecurity(dane, file, sts, stsPort, stsCa);
    }

    PeerSecurity withSts(boolean on) {
        return new PeerSecurity(dane, anchors, on, stsPort, stsCa);
    }

    PeerSecurity withStsPort(int port) {
        return new PeerSecurity(dane, anchors, sts, port, stsCa);
    }

    PeerSecurity withStsCa(String name) {
        return new PeerSecurity(dane, anchors, sts, stsPort, name);
    }
}
