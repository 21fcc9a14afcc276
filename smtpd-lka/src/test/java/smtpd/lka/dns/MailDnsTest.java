package smtpd.lka.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.MxHost;

import java.util.List;
import java.util.stream.IntStream;

class MailDnsTest {
    private static final MailDns.Client NOBODY =
            new MailDns.Client(MailDns.UNKNOWN, Confirmed.FAIL);

    private final FakeDns dns = new FakeDns();
    private final MailDns mail =
            new MailDns(dns, HostsFile.parse("192.0.2.50 box.home box # mine\n"));

    private static MxHost mx(String name, int preference, String... addresses) {
        return new MxHost(name, preference, List.of(addresses));
    }

    @Test
    void exchangersByPreferenceWithTheirAddresses() {
        dns.mx("d.example", "20 b.example", "10 a.example")
                .a("a.example", "192.0.2.1")
                .aaaa("a.example", "2001:db8::1")
                .a("b.example", "192.0.2.2");
        MailDns.Exchangers found = mail.exchangers("D.example");
        assertEquals(DnsAnswer.FOUND, found.answer());
        assertEquals(
                List.of(
                        mx("a.example", 10, "192.0.2.1", "2001:db8::1"),
                        mx("b.example", 20, "192.0.2.2")),
                found.hosts());
    }

    @Test
    @DisplayName("F-53 NODATA: the domain is its own exchanger (RFC 5321 §5.1)")
    void implicitExchanger() {
        dns.a("d.example", "192.0.2.1");
        assertEquals(
                new MailDns.Exchangers(DnsAnswer.FOUND, List.of(mx("d.example", 0, "192.0.2.1"))),
                mail.exchangers("d.example"));
    }

    @Test
    @DisplayName("F-53 NODATA for all kinds is no address")
    void nothingAtAll() {
        dns.exists("d.example");
        assertEquals(DnsAnswer.NO_ADDRESS, mail.exchangers("d.example").answer());
    }

    @Test
    @DisplayName("F-53 NXDOMAIN is no domain, SERVFAIL is not now")
    void noDomainAndNotNow() {
        assertEquals(DnsAnswer.NO_DOMAIN, mail.exchangers("none.example").answer());
        dns.fails("bad.example", RecordType.MX);
        assertEquals(DnsAnswer.TEMPFAIL, mail.exchangers("bad.example").answer());
    }

    @Test
    @DisplayName("F-53 SERVFAIL behind NODATA is not now, never no address")
    void addressLookupThatFailsIsNotNow() {
        dns.exists("d.example").fails("d.example", RecordType.AAAA);
        assertEquals(DnsAnswer.TEMPFAIL, mail.exchangers("d.example").answer());
        dns.mx("e.example", "10 mx.e.example").fails("mx.e.example", RecordType.A);
        assertEquals(DnsAnswer.TEMPFAIL, mail.exchangers("e.example").answer());
    }

    @Test
    @DisplayName("F-53 null MX: the domain takes no mail (RFC 7505)")
    void nullMx() {
        dns.mx("n.example", "0 .").a("n.example", "192.0.2.1");
        assertEquals(DnsAnswer.NULL_MX, mail.exchangers("n.example").answer());
        dns.mx("l.example", "0 localhost");
        assertEquals(DnsAnswer.NULL_MX, mail.exchangers("l.example").answer());
    }

    @Test
    @DisplayName("F-53 null MX beside others does not count")
    void nullMxBesideOthers() {
        dns.mx("n.example", "0 .", "10 a.example").a("a.example", "192.0.2.1");
        assertEquals(
                List.of(mx("a.example", 10, "192.0.2.1")), mail.exchangers("n.example").hosts());
    }

    @Test
    @DisplayName("F-53 500 MX: the hundred most preferred count")
    void fiveHundredExchangers() {
        String[] records =
                IntStream.range(0, 500)
                        .mapToObj(i -> (500 - i) + " h" + (500 - i) + ".example")
                        .toArray(String[]::new);
        dns.mx("many.example", records).a("h100.example", "192.0.2.1");
        MailDns.Exchangers found = mail.exchangers("many.example");
        assertEquals(MailDns.RECORDS_MAX, found.hosts().size());
        assertEquals(mx("h1.example", 1), found.hosts().getFirst());
        assertEquals(mx("h100.example", 100, "192.0.2.1"), found.hosts().getLast());
    }

    @Test
    @DisplayName("F-53 an MX that is an address is that address")
    void exchangerThatIsAnAddress() {
        dns.mx("d.example", "10 192.0.2.9");
        assertEquals(
                List.of(mx("192.0.2.9", 10, "192.0.2.9")), mail.exchangers("d.example").hosts());
    }

    @Test
    @DisplayName("F-53 an MX that is the domain itself")
    void exchangerThatIsTheDomain() {
        dns.mx("d.example", "10 d.example").a("d.example", "192.0.2.9");
        assertEquals(
                List.of(mx("d.example", 10, "192.0.2.9")), mail.exchangers("d.example").hosts());
    }

    @ParameterizedTest
    @DisplayName("F-15 address literals need no DNS, junk is invalid")
    @CsvSource({
        "[192.0.2.1], FOUND, 192.0.2.1",
        "[IPv6:2001:db8::1], FOUND, 2001:db8::1",
        "[IPv6:::ffff:192.0.2.7], FOUND, 192.0.2.7",
        "[IPv6:fe80::1%eth0], INVALID, ''",
        "[junk], INVALID, ''",
        "[], INVALID, ''",
        "192.0.2.1, INVALID, ''",
        "a..b, INVALID, ''",
        "-x.example, INVALID, ''",
    })
    void literalDomains(String domain, DnsAnswer answer, String address) {
        MailDns.Exchangers found = mail.exchangers(domain);
        assertEquals(answer, found.answer());
        assertEquals(
                address.isEmpty() ? List.of() : List.of(mx(domain, 0, address)), found.hosts());
    }

    @Test
    void internationalDomainsAreAskedForInAscii() {
        dns.mx("xn--bcher-kva.example", "10 a.example").a("a.example", "192.0.2.1");
        assertEquals(DnsAnswer.FOUND, mail.exchangers("bücher.example").answer());
    }

    @Test
    void hostsFileGoesFirst() {
        dns.a("box", "198.51.100.1").mx("box.home", "10 elsewhere.example");
        assertEquals(List.of("192.0.2.50"), mail.host("BOX").addresses());
        assertEquals(List.of(mx("box.home", 0, "192.0.2.50")), mail.exchangers("box.home").hosts());
        assertEquals(List.of("127.0.0.1", "::1"), mail.host("localhost").addresses());
        assertEquals(new MailDns.Client("box.home", Confirmed.PASS), mail.client("192.0.2.50"));
        assertEquals(new MailDns.Client("localhost", Confirmed.PASS), mail.client("127.0.0.1"));
        assertEquals(new MailDns.Client("localhost", Confirmed.PASS), mail.client("::1"));
    }

    @Test
    void reverseNameIsConfirmedForward() {
        dns.ptr("1.2.0.192.in-addr.arpa", "mail.example").a("mail.example", "192.0.2.1");
        assertEquals(new MailDns.Client("mail.example", Confirmed.PASS), mail.client("192.0.2.1"));
    }

    @Test
    void secondReverseNameMayBeTheOne() {
        dns.ptr("1.2.0.192.in-addr.arpa", "lie.example", "mail.example")
                .a("lie.example", "198.51.100.1")
                .a("mail.example", "192.0.2.1");
        assertEquals(new MailDns.Client("mail.example", Confirmed.PASS), mail.client("192.0.2.1"));
    }

    @Test
    void reverseNameThatLeadsElsewhere() {
        dns.ptr("1.2.0.192.in-addr.arpa", "lie.example").a("lie.example", "198.51.100.1");
        assertEquals(new MailDns.Client("lie.example", Confirmed.FAIL), mail.client("192.0.2.1"));
    }

    @Test
    void reverseNameThatIsNoHostNameIsUnknown() {
        dns.ptr("1.2.0.192.in-addr.arpa", "a b\\010c", "x\\.y@z");
        assertEquals(NOBODY, mail.client("192.0.2.1"));
    }

    @Test
    @DisplayName("F-53 reverse lookups that fail are not now")
    void reverseLookupsThatFail() {
        assertEquals(NOBODY, mail.client("192.0.2.1"));
        assertEquals(NOBODY, mail.client("local"));
        dns.fails("2.2.0.192.in-addr.arpa", RecordType.PTR);
        assertEquals(
                new MailDns.Client(MailDns.UNKNOWN, Confirmed.ERROR), mail.client("192.0.2.2"));
        dns.ptr("3.2.0.192.in-addr.arpa", "m.example").fails("m.example", RecordType.A);
        assertEquals(new MailDns.Client("m.example", Confirmed.ERROR), mail.client("192.0.2.3"));
    }
}
