package smtpd.lka.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Type;

import smtpd.core.conf.PeerSecurity;
import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.MxHost;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What DNS can say about a mail domain, where its answers are checked: the same as where they are
/// not, and "not now" where the check fails.
class SignedMailTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private SignedZone zone;
    private TestServer server;
    private boolean silent;

    @BeforeEach
    void start() throws Exception {
        zone = new SignedZone(NOW);
        server =
                new TestServer(query ->
                        silent && query.getQuestion().getType() != Type.DNSKEY
                                ? Optional.empty()
                                : zone.answer(query));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private MailDns dns(Duration timeout) {
        DnsSettings settings = new DnsSettings(List.of(server.address()), timeout, 1);
        DnsClient plain = new DnsClient(settings, () -> NOW);
        SignedDns signed =
                OptionalDnssec.of(
                        settings,
                        PeerSecurity.DEFAULT.withDane(PeerSecurity.Dane.ON),
                        zone.anchor(),
                        plain,
                        () -> NOW);
        return new MailDns(plain, signed, HostsFile.parse(""));
    }

    private MailDns.Exchangers exchangers(String domain) {
        return dns(Duration.ofSeconds(5)).exchangers(domain);
    }

    private List<String> names(MailDns.Exchangers found) {
        assertEquals(DnsAnswer.FOUND, found.answer());
        return found.hosts().stream().map(MxHost::name).toList();
    }

    @Test
    @DisplayName("F-53 checked: NXDOMAIN is no domain where it is proven, else not now")
    void noDomain() {
        zone.absent("none.signed.example");
        assertEquals(DnsAnswer.NO_DOMAIN, exchangers("none.signed.example").answer());
        zone.bend("none.signed.example", "MX", SignedZone::withoutSignatures);
        assertEquals(DnsAnswer.TEMPFAIL, exchangers("none.signed.example").answer());
    }

    @Test
    @DisplayName("F-53 checked: NODATA: the domain is its own exchanger, or has no address")
    void implicitExchanger() {
        zone.with("a.signed.example", "A", "192.0.2.1").with("t.signed.example", "TXT", "x");
        assertEquals(List.of("a.signed.example"), names(exchangers("a.signed.example")));
        assertEquals(DnsAnswer.NO_ADDRESS, exchangers("t.signed.example").answer());
        zone.bend("a.signed.example", "MX", SignedZone::withoutSignatures);
        assertEquals(DnsAnswer.TEMPFAIL, exchangers("a.signed.example").answer());
    }

    @Test
    @DisplayName("F-53 checked: null MX")
    void nullMx() {
        zone.with("n.signed.example", "MX", "0 .");
        assertEquals(DnsAnswer.NULL_MX, exchangers("n.signed.example").answer());
    }

    @Test
    @DisplayName("F-53 checked: SERVFAIL is not now, for exchangers and for addresses")
    void servfail() {
        zone.with("d.signed.example", "MX", "10 mx.signed.example.")
                .with("mx.signed.example", "A", "192.0.2.1")
                .bend("mx.signed.example", "A", SignedZone::servfail)
                .bend("mx.signed.example", "AAAA", SignedZone::servfail)
                .bend("s.signed.example", "MX", SignedZone::servfail);
        assertEquals(DnsAnswer.TEMPFAIL, exchangers("s.signed.example").answer());
        assertEquals(DnsAnswer.TEMPFAIL, exchangers("d.signed.example").answer());
    }

    @Test
    @DisplayName(
            "F-53 checked: an MX that is an alias is followed, one that leads round is not now")
    void aliases() {
        zone.with("d.signed.example", "MX", "10 alias.signed.example.")
                .with("alias.signed.example", "CNAME", "mx.signed.example.")
                .with("mx.signed.example", "A", "192.0.2.1")
                .with("r.signed.example", "MX", "10 round.signed.example.")
                .with("round.signed.example", "CNAME", "about.signed.example.")
                .with("about.signed.example", "CNAME", "round.signed.example.");
        assertEquals(
                List.of("192.0.2.1"),
                exchangers("d.signed.example").hosts().getFirst().addresses());
        assertEquals(DnsAnswer.TEMPFAIL, exchangers("r.signed.example").answer());
    }

    @Test
    @DisplayName("F-53 checked: an MX that is an address, and one that is the domain itself")
    void exchangersThatAreNoNames() {
        zone.with("d.signed.example", "MX", "10 192.0.2.9.")
                .with("i.signed.example", "MX", "10 i.signed.example.")
                .with("i.signed.example", "A", "192.0.2.1");
        assertEquals(List.of("192.0.2.9"), names(exchangers("d.signed.example")));
        assertEquals(List.of("i.signed.example"), names(exchangers("i.signed.example")));
    }

    @Test
    @DisplayName("F-53 checked: many MX: cut short, asked again over TCP; a hundred count")
    void manyExchangers() {
        for (int i = 120; i > 0; i--) {
            zone.with("many.signed.example", "MX", i + " h" + i + ".signed.example.");
        }
        zone.with("h100.signed.example", "A", "192.0.2.1");
        List<String> names = names(exchangers("many.signed.example"));
        assertEquals(MailDns.RECORDS_MAX, names.size());
        assertEquals("h1.signed.example", names.getFirst());
        assertEquals("h100.signed.example", names.getLast());
        assertTrue(server.asked().contains("tcp many.signed.example MX"), server.asked()::toString);
    }

    @Test
    @DisplayName("F-54 checked: servers that say nothing are not now, and are asked again")
    void silence() {
        zone.with("d.signed.example", "MX", "10 mx.signed.example.")
                .with("mx.signed.example", "A", "192.0.2.1");
        MailDns dns = dns(Duration.ofMillis(300));
        assertEquals(DnsAnswer.NO_ADDRESS, dns.exchangers("signed.example").answer());
        silent = true;
        assertEquals(DnsAnswer.TEMPFAIL, dns.exchangers("d.signed.example").answer());
        silent = false;
        assertEquals(DnsAnswer.FOUND, dns.exchangers("d.signed.example").answer());
    }
}
