package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.conf.ConfParser;
import smtpd.core.conf.Config;
import smtpd.core.conf.HostEnvironment;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.StatUpdate;
import smtpd.core.mail.Bytes;
import smtpd.core.proc.Paths;
import smtpd.core.proc.Role;
import smtpd.core.slice.CaSlice;
import smtpd.core.slice.CertificateSet;
import smtpd.core.slice.SmtpSlice;
import smtpd.core.sys.Credentials;
import smtpd.testkit.tls.TestCa;
import smtpd.testkit.tls.TestCa.Kind;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Certificates that change, with the processes faked.
class RenewalTest {
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
    private static final TestCa AUTHORITY = TestCa.create(NOW);
    private static final String NAME = "mx.example.org";

    @TempDir private Path dir = Path.of("");

    private final List<String> told = new ArrayList<>();
    private final List<Runnable> later = new ArrayList<>();
    private final Set<Role> down = EnumSet.noneOf(Role.class);
    private List<String> refusals = List.of();

    private TestCa.Identity first = AUTHORITY.issue(Kind.EC, NOW, NAME);

    @BeforeEach
    void begin() throws IOException {
        first.writeTo(dir, "mx");
    }

    private static String key(TestCa.Identity one) {
        return smtpd.core.tls.Identity.keyId(one.certificate().getPublicKey());
    }

    private final class Fakes implements Renewal.Processes {
        @Override
        public boolean isReady(Role role) {
            return !down.contains(role);
        }

        @Override
        public List<String> give(Role role, Bytes slice, ParentToChild news) {
            switch (news) {
                case ParentToChild.Keys it -> {
                    assertEquals(slice, it.slice());
                    told.add(role + " " + CaSlice.decode(slice).keys().keySet());
                }
                case ParentToChild.Certificates it -> {
                    CertificateSet set = CertificateSet.decode(it.set());
                    told.add(role + " " + set.chains().keySet());
                    if (role == Role.SMTP) {
                        assertEquals(set, SmtpSlice.decode(slice).certificates());
                    }
                }
                default -> throw new AssertionError(news);
            }
            return refusals;
        }

        @Override
        public void after(Duration delay, Runnable task) {
            assertEquals(Renewal.OLD_KEYS, delay);
            later.add(task);
        }
    }

    private Config config() {
        String text =
                """
                pki "mx.example.org" cert "%1$s/mx.crt"
                pki "mx.example.org" key "%1$s/mx.key"
                listen on 127.0.0.1 port 2525 tls pki "mx.example.org"
                action "out" relay pki "mx.example.org"
                match from any for any action "out"
                """
                        .formatted(dir);
        return Objects.requireNonNull(
                ConfParser.parse("smtpd.conf", text, Map.of(), environment()).config());
    }

    private static HostEnvironment environment() {
        return new HostEnvironment(NAME, Credentials.uid(), List.of(), List.of());
    }

    private Renewal renewal() throws IOException {
        Config config = config();
        Slices.Machine machine =
                new Slices.Machine(
                        List.of(), List.of(), List.of(), PkiFiles.read(config), "", false);
        CommandLine.Run run = new CommandLine.Run(false, List.of(), List.of(), Map.of());
        return new Renewal(
                new Slices(
                        config,
                        machine,
                        Paths.below(dir),
                        run,
                        new Slices.Sockets(List.of(0), List.of()),
                        List.of()),
                environment());
    }

    @Test
    void theKeyIsThereBeforeTheCertificateAndTheOldOneAsLongAsItIsOfUse() throws IOException {
        Renewal renewal = renewal();
        TestCa.Identity second = AUTHORITY.issue(Kind.RSA, NOW, NAME);
        second.writeTo(dir, "mx");
        ParentToChild.PkiUpdated done = renewal.update(new Fakes(), NOW);
        assertEquals(List.of("pki mx.example.org: renewed, good until 2026-03-31"), done.lines());
        assertEquals("", done.problem());
        assertEquals(
                List.of(
                        "CA [" + key(first) + ", " + key(second) + "]",
                        "SMTP [mx.example.org]",
                        "MTA [mx.example.org]"),
                told);
        told.clear();
        later.forEach(Runnable::run);
        assertEquals(List.of("CA [" + key(second) + "]"), told);
    }

    @Test
    void oldKeysOfASecondRenewalInARowStayForItsTime() throws IOException {
        Renewal renewal = renewal();
        AUTHORITY.issue(Kind.EC, NOW, NAME).writeTo(dir, "mx");
        renewal.update(new Fakes(), NOW);
        TestCa.Identity last = AUTHORITY.issue(Kind.EC, NOW, NAME);
        last.writeTo(dir, "mx");
        renewal.update(new Fakes(), NOW);
        told.clear();
        later.getFirst().run();
        assertEquals(List.of(), told);
        later.getLast().run();
        assertEquals(List.of("CA [" + key(last) + "]"), told);
    }

    @Test
    void withoutCaNothingChanges() throws IOException {
        Renewal renewal = renewal();
        AUTHORITY.issue(Kind.EC, NOW, NAME).writeTo(dir, "mx");
        down.add(Role.CA);
        assertEquals("ca is being started, try again", renewal.update(new Fakes(), NOW).problem());
        assertEquals(List.of(), told);
    }

    @Test
    void aCertificateIsNotHandedOutUnlessCaHasTakenItsKey() throws IOException {
        Renewal renewal = renewal();
        AUTHORITY.issue(Kind.EC, NOW, NAME).writeTo(dir, "mx");
        refusals = List.of("ca: no answer in time");
        ParentToChild.PkiUpdated done = renewal.update(new Fakes(), NOW);
        assertEquals("not all that was read is in use", done.problem());
        assertEquals(1, told.size());
        assertTrue(later.isEmpty());
        refusals = List.of();
        done = renewal.update(new Fakes(), NOW);
        assertTrue(done.lines().getFirst().contains(": renewed, "), done.lines().toString());
        assertEquals(4, told.size());
    }

    @Test
    @DisplayName("F-52 what is not good yet, or not any more, is not taken; what is in use stays")
    void timesOfCertificates() throws IOException {
        Renewal renewal = renewal();
        AUTHORITY.expired(Kind.EC, NOW, NAME).writeTo(dir, "mx");
        assertEquals(
                List.of(
                        "pki mx.example.org: kept as it was: the certificate expired on"
                                + " 2026-02-28"),
                renewal.update(new Fakes(), NOW).lines());
        AUTHORITY.issue(Kind.EC, NOW.plus(Duration.ofDays(365)), NAME).writeTo(dir, "mx");
        ParentToChild.PkiUpdated done = renewal.update(new Fakes(), NOW);
        assertTrue(
                done.lines().getFirst().contains("the certificate is not good before "),
                done.lines().toString());
        assertEquals("1 of 1 kept as it was", done.problem());
        first.writeTo(dir, "mx");
        assertEquals(
                List.of("pki mx.example.org: unchanged, good until 2026-03-31"),
                renewal.update(new Fakes(), NOW).lines());
        assertEquals(
                List.of("pki mx.example.org: unchanged, expired on 2026-03-31"),
                renewal.update(new Fakes(), NOW.plus(Duration.ofDays(40))).lines());
    }

    @Test
    @DisplayName("F-52 expiry is told 30, 7 and 1 day before, and after; each once")
    void alarms() throws IOException {
        Expiry expiry = new Expiry();
        Map<String, PkiFiles.Pair> pkis = PkiFiles.read(config()).pkis();
        Instant end = NOW.plus(Duration.ofDays(30));
        List<String> said = new ArrayList<>();
        for (Instant at = end.minus(Duration.ofDays(40));
                at.isBefore(end.plus(Duration.ofDays(3)));
                at = at.plus(Duration.ofHours(1))) {
            said.addAll(expiry.alarms(pkis, at));
        }
        assertEquals(
                List.of(
                        "pki mx.example.org: the certificate expires in 30 days",
                        "pki mx.example.org: the certificate expires in 7 days",
                        "pki mx.example.org: the certificate expires in 24 hours",
                        "pki mx.example.org: the certificate has expired"),
                said);
        first = AUTHORITY.issue(Kind.EC, NOW.plus(Duration.ofDays(60)), NAME);
        first.writeTo(dir, "mx");
        Map<String, PkiFiles.Pair> renewed = PkiFiles.read(config()).pkis();
        assertEquals(List.of(), expiry.alarms(renewed, end));
        assertEquals(1, expiry.alarms(renewed, NOW.plus(Duration.ofDays(65))).size(), "told anew");
    }

    @Test
    void daysThatAreLeft() throws IOException {
        Map<String, PkiFiles.Pair> pkis = PkiFiles.read(config()).pkis();
        for (int days : List.of(29, 0, -2)) {
            Instant at = NOW.plus(Duration.ofDays(30 - days)).minusSeconds(60);
            StatUpdate level = Expiry.levels(pkis, at).getFirst();
            assertEquals("pki.days-left.mx.example.org", level.key());
            assertEquals(days, level.value());
        }
    }

    @Test
    @DisplayName("F-52 a chain whose last certificate is cut off is not taken")
    void cutOff() throws IOException {
        Renewal renewal = renewal();
        Path file = dir.resolve("mx.crt");
        String whole = Files.readString(file);
        Files.writeString(file, whole + whole.substring(0, 200));
        assertEquals(
                List.of(
                        "pki mx.example.org: kept as it was: "
                                + file
                                + ": not a certificate: the last one is not whole"),
                renewal.update(new Fakes(), NOW).lines());
    }
}
