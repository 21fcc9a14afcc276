package smtpd.lka.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.PeerSecurity;
import smtpd.core.imsg.Dane;
import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MxHost;
import smtpd.core.imsg.Tlsa;
import smtpd.core.mail.Bytes;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/// TLSA records are found where DNSSEC vouches for every step that leads to them, and only there
/// (RFC 7672 §2.2); an answer that fails the check is never taken for "there is none".
class DaneTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String DIGEST = "ab".repeat(32);
    private static final Tlsa TLSA = new Tlsa(3, 1, 1, Bytes.of(HexFormat.of().parseHex(DIGEST)));

    private SignedZone zone;
    private TestServer server;
    private DnsSettings settings;

    @BeforeEach
    void start() throws Exception {
        zone = new SignedZone(NOW);
        server = new TestServer(query -> zone.answer(query));
        settings = new DnsSettings(List.of(server.address()), Duration.ofSeconds(5), 1);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private MailDns dns(PeerSecurity.Dane mode) {
        DnsClient plain = new DnsClient(settings, () -> NOW);
        SignedDns signed =
                OptionalDnssec.of(
                        settings,
                        PeerSecurity.DEFAULT.withDane(mode),
                        zone.anchor(),
                        plain,
                        () -> NOW);
        return new MailDns(plain, signed, HostsFile.parse(""));
    }

    private MailDns dns() {
        return dns(PeerSecurity.Dane.AUTO);
    }

    private SignedZone usual() {
        return zone.with("signed.example", "MX", "10 mx.signed.example.")
                .with("mx.signed.example", "A", "192.0.2.1")
                .with("mx.signed.example", "AAAA", "2001:db8::1");
    }

    private static Tlsa tlsa(String hex) {
        return new Tlsa(3, 1, 1, Bytes.of(HexFormat.of().parseHex(hex)));
    }

    private Dane only(MailDns.Exchangers found) {
        assertEquals(DnsAnswer.FOUND, found.answer());
        assertEquals(1, found.hosts().size());
        return found.hosts().getFirst().dane();
    }

    private static Dane found(String base, Tlsa... records) {
        return new Dane(LookupAnswer.FOUND, base, List.of(records));
    }

    @Test
    void recordsOfASignedExchangerAreFound() {
        usual().with("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST);
        assertEquals(
                List.of(
                        new MxHost(
                                "mx.signed.example",
                                10,
                                List.of("192.0.2.1", "2001:db8::1"),
                                found("mx.signed.example", TLSA))),
                dns().exchangers("signed.example").hosts());
    }

    @Test
    void withoutRecordsThereIsNothing() {
        usual();
        assertEquals(Dane.NONE, only(dns().exchangers("signed.example")));
    }

    @Test
    void aDomainThatIsItsOwnExchangerHasRecordsToo() {
        zone.with("a.signed.example", "A", "192.0.2.1")
                .with("_25._tcp.a.signed.example", "TLSA", "3 1 1 " + DIGEST);
        assertEquals(found("a.signed.example", TLSA), only(dns().exchangers("a.signed.example")));
    }

    @Test
    void whereTheExchangersAreNotSignedNothingIsAskedAboutCertificates() {
        zone.with("plain.signed.example", "MX", "10 mx.signed.example.")
                .with("mx.signed.example", "A", "192.0.2.1")
                .with("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST);
        assertEquals(Dane.NONE, only(dns().exchangers("plain.signed.example")));
        assertFalse(server.asked().toString().contains("TLSA"), server.asked()::toString);
    }

    @Test
    void whereTheAddressIsNotSignedNothingIsAskedAboutCertificates() {
        zone.with("signed.example", "MX", "10 mx.plain.signed.example.")
                .with("mx.plain.signed.example", "A", "192.0.2.1")
                .with("_25._tcp.mx.plain.signed.example", "TLSA", "3 1 1 " + DIGEST);
        assertEquals(Dane.NONE, only(dns().exchangers("signed.example")));
        assertFalse(server.asked().toString().contains("TLSA"), server.asked()::toString);
    }

    @Test
    @DisplayName("RFC 7672 §2.2.2: where a signed alias leads counts before the alias")
    void recordsOfAnAlias() {
        zone.with("signed.example", "MX", "10 alias.signed.example.")
                .with("alias.signed.example", "CNAME", "mx.signed.example.")
                .with("mx.signed.example", "A", "192.0.2.1")
                .with("_25._tcp.alias.signed.example", "TLSA", "3 1 1 " + "cd".repeat(32));
        assertEquals(
                found("alias.signed.example", tlsa("cd".repeat(32))),
                only(dns().exchangers("signed.example")));
        zone.with("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST);
        assertEquals(found("mx.signed.example", TLSA), only(dns().exchangers("signed.example")));
    }

    @Test
    @DisplayName("RFC 7672 §2.2.2: a signed alias of an unsigned name has records under its own")
    void recordsOfAnAliasThatLeavesTheSignedZone() {
        zone.with("signed.example", "MX", "10 alias.signed.example.")
                .with("alias.signed.example", "CNAME", "mx.plain.signed.example.")
                .with("mx.plain.signed.example", "A", "192.0.2.1")
                .with("_25._tcp.alias.signed.example", "TLSA", "3 1 1 " + DIGEST);
        assertEquals(found("alias.signed.example", TLSA), only(dns().exchangers("signed.example")));
    }

    @Test
    @DisplayName("F-49 a TLSA record shorter than its head is one that cannot be used")
    void malformedRecords() {
        usual().tlsa("_25._tcp.mx.signed.example")
                .tlsa("_25._tcp.mx.signed.example", (byte) 3)
                .tlsa("_25._tcp.mx.signed.example", (byte) 3, (byte) 1)
                .tlsa("_25._tcp.mx.signed.example", (byte) 3, (byte) 1, (byte) 1);
        Dane dane = only(dns().exchangers("signed.example"));
        assertEquals(LookupAnswer.FOUND, dane.answer());
        assertEquals(4, dane.records().size());
        for (Tlsa record : dane.records()) {
            assertTrue(record.usage() == 254 || record.data().length() == 0, record::toString);
        }
    }

    @Test
    @DisplayName("F-49 SERVFAIL and answers without signatures about TLSA put the host off")
    void notNow() {
        usual().bend("_25._tcp.mx.signed.example", "TLSA", SignedZone::servfail);
        assertEquals(Dane.NOT_NOW, only(dns().exchangers("signed.example")));
        usual().with("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST)
                .bend("_25._tcp.mx.signed.example", "TLSA", SignedZone::withoutSignatures);
        assertEquals(Dane.NOT_NOW, only(dns().exchangers("signed.example")));
    }

    @Test
    @DisplayName("F-49 a denial of TLSA without signatures is not believed")
    void aForgedDenial() {
        usual().bend("_25._tcp.mx.signed.example", "TLSA", SignedZone::withoutSignatures);
        assertEquals(Dane.NOT_NOW, only(dns().exchangers("signed.example")));
    }

    @Test
    @DisplayName("F-49 exchangers that fail the check are not now, never unsigned")
    void bogusExchangers() {
        usual().bend("signed.example", "MX", SignedZone::withoutSignatures);
        assertEquals(
                MailDns.Exchangers.none(DnsAnswer.TEMPFAIL), dns().exchangers("signed.example"));
    }

    @Test
    @DisplayName("F-49 addresses that fail the check make the host unreachable for now")
    void bogusAddresses() {
        usual().bend("mx.signed.example", "A", SignedZone::withoutSignatures)
                .bend("mx.signed.example", "AAAA", SignedZone::withoutSignatures);
        assertEquals(
                MailDns.Exchangers.none(DnsAnswer.TEMPFAIL), dns().exchangers("signed.example"));
    }

    @Test
    void expiredSignaturesCountForNothing() throws Exception {
        zone = new SignedZone(NOW.minus(Duration.ofDays(3)));
        usual();
        assertEquals(
                MailDns.Exchangers.none(DnsAnswer.TEMPFAIL),
                dns(PeerSecurity.Dane.ON).exchangers("signed.example"));
    }

    @Test
    void nameServersThatKnowNoDnssecAreUsedWithoutIt() throws Exception {
        usual().with("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST)
                .bend("signed.example", "DNSKEY", SignedZone::withoutSignatures)
                .bend("signed.example", "MX", SignedZone::withoutSignatures);
        assertEquals(Dane.NONE, only(dns().exchangers("signed.example")));
        assertEquals(
                MailDns.Exchangers.none(DnsAnswer.TEMPFAIL),
                dns(PeerSecurity.Dane.ON).exchangers("signed.example"));
    }

    @Test
    void aRelayHostHasRecordsForItsPort() {
        zone.with("relay.signed.example", "A", "192.0.2.9")
                .with("_587._tcp.relay.signed.example", "TLSA", "3 1 1 " + DIGEST);
        assertEquals(
                found("relay.signed.example", TLSA),
                dns().host("relay.signed.example", 587).dane());
        assertEquals(Dane.NONE, dns().host("relay.signed.example", 0).dane());
        assertEquals(Dane.NONE, dns().host("relay.signed.example", 25).dane());
    }

    @Test
    void switchedOffNothingIsChecked() {
        usual().with("_25._tcp.mx.signed.example", "TLSA", "3 1 1 " + DIGEST)
                .bend("signed.example", "MX", SignedZone::withoutSignatures);
        assertEquals(Dane.NONE, only(dns(PeerSecurity.Dane.OFF).exchangers("signed.example")));
        assertFalse(server.asked().toString().contains("DNSKEY"), server.asked()::toString);
    }
}
