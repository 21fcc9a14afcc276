package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Limits;
import smtpd.core.imsg.Dane;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MxHost;
import smtpd.core.imsg.Tlsa;
import smtpd.core.mail.Bytes;

import java.util.List;
import java.util.Optional;

/// What a host is owed, by what everybody says.
class HostPolicyTest {
    private static final Tlsa OWN = new Tlsa(3, 1, 1, Bytes.of(new byte[32]));
    private static final Tlsa AUTHORITY = new Tlsa(2, 0, 1, Bytes.of(new byte[32]));
    private static final HostPolicy OPPORTUNISTIC =
            new HostPolicy.Speak(new TlsPolicy.Opportunistic());

    private static MxHost host(Dane dane) {
        return new MxHost("mx.d.test", 10, List.of("192.0.2.1"), dane);
    }

    private static Dane records(Tlsa... records) {
        return new Dane(LookupAnswer.FOUND, "base.d.test", List.of(records));
    }

    private static HostPolicy policy(Scheme scheme, Dane dane, @Nullable StsPolicy sts) {
        RelayKey.NextHop hop = RelayKey.NextHop.mx("d.test", scheme);
        Relay relay =
                new Relay(
                        1,
                        new RelayKey(Samples.mxAction(), hop),
                        new Domain("d.test", RelayKey.Kind.MX, 25),
                        Limits.MtaLimits.DEFAULT,
                        Samples.NOW);
        return HostPolicy.of(relay, host(dane), sts);
    }

    private static HostPolicy policy(Dane dane) {
        return policy(Scheme.SMTP, dane, null);
    }

    private static StsPolicy sts(String mode, String mx) {
        return StsPolicy.parse(
                        "version: STSv1\nmode: " + mode + "\nmax_age: 86400\nmx: " + mx + "\n")
                .orElseThrow();
    }

    @Test
    void whereNobodySaysAnythingTheServerDecides() {
        assertEquals(OPPORTUNISTIC, policy(Dane.NONE));
    }

    @Test
    void recordsDecide() {
        assertEquals(
                new HostPolicy.Speak(new TlsPolicy.Dane("base.d.test", List.of(OWN), List.of())),
                policy(records(OWN)));
        assertEquals(
                new HostPolicy.Speak(
                        new TlsPolicy.Dane(
                                "base.d.test",
                                List.of(AUTHORITY),
                                List.of("base.d.test", "mx.d.test", "d.test"))),
                policy(records(AUTHORITY)));
    }

    @Test
    @DisplayName("F-49 records none of which can be used ask for encryption, without verification")
    void unusableRecords() {
        for (Tlsa bad :
                List.of(
                        new Tlsa(0, 0, 1, Bytes.of(new byte[32])),
                        new Tlsa(1, 1, 1, Bytes.of(new byte[32])),
                        new Tlsa(4, 1, 1, Bytes.of(new byte[32])),
                        new Tlsa(3, 2, 1, Bytes.of(new byte[32])),
                        new Tlsa(3, 1, 3, Bytes.of(new byte[32])),
                        new Tlsa(3, 1, 1, Bytes.of(new byte[31])),
                        new Tlsa(3, 1, 2, Bytes.of(new byte[32])),
                        new Tlsa(3, 1, 0, Bytes.EMPTY))) {
            assertEquals(
                    new HostPolicy.Speak(new TlsPolicy.Encrypted(TlsPolicy.Origin.DANE)),
                    policy(records(bad)),
                    bad::toString);
        }
    }

    @Test
    @DisplayName("RFC 7671 §9: of digests of the same thing the strongest counts")
    void strongestDigest() {
        Tlsa strong = new Tlsa(3, 1, 2, Bytes.of(new byte[64]));
        assertEquals(List.of(strong), Tlsas.usable(List.of(OWN, strong)));
        assertEquals(List.of(strong, AUTHORITY), Tlsas.usable(List.of(strong, AUTHORITY)));
    }

    @Test
    @DisplayName("F-49 where DNS cannot be believed the host is avoided, never spoken to in clear")
    void notNow() {
        assertEquals(new HostPolicy.Avoid(Failure.DANE), policy(Dane.NOT_NOW));
        assertEquals(
                new HostPolicy.Avoid(Failure.DANE),
                policy(Scheme.SMTP, Dane.NOT_NOW, sts("enforce", "mx.d.test")));
    }

    @Test
    void theConfigurationGoesFirst() {
        assertEquals(
                new HostPolicy.Speak(new TlsPolicy.Clear()),
                policy(Scheme.SMTP_NOTLS, records(OWN), null));
        assertEquals(
                new HostPolicy.Speak(new TlsPolicy.Encrypted(TlsPolicy.Origin.ACTION)),
                policy(Scheme.SMTP_TLS_ANY, records(OWN), null));
        assertEquals(
                new HostPolicy.Speak(
                        new TlsPolicy.Verified(TlsPolicy.Origin.ACTION, List.of("mx.d.test"))),
                policy(Scheme.SMTP_TLS, Dane.NONE, null));
    }

    @Test
    @DisplayName("RFC 8461 §2: DANE goes before MTA-STS")
    void daneGoesFirst() {
        assertEquals(
                policy(records(OWN)), policy(Scheme.SMTP, records(OWN), sts("enforce", "x.test")));
    }

    @Test
    void policyOfTheDomain() {
        assertEquals(
                new HostPolicy.Speak(
                        new TlsPolicy.Verified(TlsPolicy.Origin.STS, List.of("mx.d.test"))),
                policy(Scheme.SMTP, Dane.NONE, sts("enforce", "*.d.test")));
        assertEquals(
                new HostPolicy.Avoid(Failure.STS),
                policy(Scheme.SMTP, Dane.NONE, sts("enforce", "other.test")));
    }

    @Test
    @DisplayName("F-50 a policy that is being tested, or is none any more, stops nothing")
    void testing() {
        assertEquals(OPPORTUNISTIC, policy(Scheme.SMTP, Dane.NONE, sts("testing", "other.test")));
        assertEquals(OPPORTUNISTIC, policy(Scheme.SMTP, Dane.NONE, sts("none", "other.test")));
    }

    @Test
    @DisplayName("F-50 patterns: one label for a star, international names in either form")
    void patterns() {
        StsPolicy policy =
                StsPolicy.parse(
                                """
                                version: STSv1
                                mode: enforce
                                mx: mx.example.org
                                mx: *.example.net
                                mx: mx.bücher.example
                                mx: *.Bücher.example
                                max_age: 604800
                                """)
                        .orElseThrow();
        assertTrue(policy.allows("MX.example.org"));
        assertTrue(policy.allows("mx.example.org."));
        assertTrue(policy.allows("a.example.net"));
        assertTrue(policy.allows("mx.xn--bcher-kva.example"));
        assertTrue(policy.allows("a.xn--bcher-kva.example"));
        assertTrue(!policy.allows("example.net"));
        assertTrue(!policy.allows("a.b.example.net"));
        assertTrue(!policy.allows("xmx.example.org"));
        assertEquals(Optional.of(policy), StsPolicy.parse(policy.text()));
    }

    @Test
    @DisplayName("F-50 texts that are no policy")
    void noPolicies() {
        for (String text :
                List.of(
                        "",
                        "<html>",
                        "version: STSv2\nmode: enforce\nmx: a.test\nmax_age: 1\n",
                        "version: STSv1\nmode: maybe\nmx: a.test\nmax_age: 1\n",
                        "version: STSv1\nmode: enforce\nmx: a.test\n",
                        "version: STSv1\nmode: enforce\nmx: a.test\nmax_age: -1\n",
                        "version: STSv1\nmode: enforce\nmax_age: 1\n")) {
            assertEquals(Optional.empty(), StsPolicy.parse(text), text);
        }
        assertEquals(
                StsPolicy.AGE_MAX,
                StsPolicy.parse("version: STSv1\r\nmode: none\r\nmax_age: 9999999999\r\n")
                        .orElseThrow()
                        .maxAge());
    }

    @Test
    @DisplayName("F-62 routes of different policies are different routes")
    void policiesTellRoutesApart() {
        RouteKey weak = new RouteKey("", "192.0.2.1", 25, Scheme.SMTP, new RouteKey.Helo("h", ""));
        RouteKey strong =
                new RouteKey(
                        "",
                        "192.0.2.1",
                        25,
                        Scheme.SMTP,
                        new RouteKey.Helo("h", ""),
                        TlsTerms.of(
                                new TlsPolicy.Verified(TlsPolicy.Origin.STS, List.of("mx.d.test"))),
                        RouteKey.Login.NONE);
        assertNotEquals(weak, strong);
        assertNotEquals(
                strong,
                new RouteKey(
                        "",
                        "192.0.2.1",
                        25,
                        Scheme.SMTP,
                        new RouteKey.Helo("h", ""),
                        TlsTerms.of(strong.tls().policy(), Dispatcher.RelayTls.DEFAULT),
                        new RouteKey.Login("t", "label")));
    }
}
