package smtpd.core.mail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.gen.Gen;
import smtpd.core.gen.Samples;
import smtpd.core.mail.Envelope.BounceKind;
import smtpd.core.mail.Envelope.Target;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Ids, codes, addresses and envelopes.
class MailValuesTest {
    @Test
    void idsAreFixedWidthHexadecimal() {
        assertEquals("0000002a", new MsgId(42).toString());
        assertEquals("fffffffe00000001", new MsgId(-2).envelope(1).toString());
        assertEquals(new MsgId(-2), MsgId.parse("fffffffe"));
        assertEquals(new MsgId(-2).envelope(-1), EvpId.parse("fffffffeffffffff"));
        assertEquals(new MsgId(-2), EvpId.parse("fffffffeffffffff").msgid());
        assertEquals("0000000000000000", SessionId.NONE.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2a", "0000002", "000000002a", "0000002g", "00000000", "-0000001"})
    void whatIsNoMessageIdIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> MsgId.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0000002a",
                "0000002a00000000",
                "000000000000002a",
                "0000002a0000000g",
                "+000002a00000001"
            })
    void whatIsNoEnvelopeIdIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> EvpId.parse(text));
    }

    @Test
    void idsSortAsTheyAreWritten() {
        assertTrue(new MsgId(1).compareTo(new MsgId(-1)) < 0);
        assertTrue(new MsgId(1).envelope(1).compareTo(new MsgId(-1).envelope(1)) < 0);
    }

    @ParameterizedTest
    @CsvSource({"2.0.0, 2.0.0", "5.1.1 no such user, 5.1.1", "4.999.999, 4.999.999"})
    void aCodeInFrontOfATextIsRead(String text, String code) {
        assertEquals(Optional.of(Esc.parse(code)), Esc.leading(text));
    }

    @ParameterizedTest
    @DisplayName("F-55: what only looks like a status code is none")
    @ValueSource(
            strings = {
                "",
                "5.7",
                "5.7.2x",
                "3.0.0",
                "5.1.1000",
                "5..1",
                "٥.1.1",
                "5.1.1.1",
                " 5.1.1"
            })
    void whatIsNoCodeIsNone(String text) {
        assertEquals(Optional.empty(), Esc.leading(text));
        assertThrows(IllegalArgumentException.class, () -> Esc.parse(text));
    }

    @Test
    void addressesSplitAtTheLastAt() {
        assertEquals(new MailAddr("\"a@b\"", "example.org"), MailAddr.of("\"a@b\"@example.org"));
        assertEquals(new MailAddr("root", ""), MailAddr.of("root"));
        assertEquals("\"a@b\"@example.org", MailAddr.of("\"a@b\"@example.org").toString());
        assertTrue(MailAddr.of("").isNull());
        assertEquals("", MailAddr.NULL.toString());
    }

    @Test
    void domainsCompareWithoutCaseAndLocalPartsWithIt() {
        MailAddr addr = MailAddr.of("User@Example.ORG");
        assertTrue(addr.sameMailbox(MailAddr.of("User@example.org")));
        assertFalse(addr.sameMailbox(MailAddr.of("user@example.org")));
        assertEquals("example.org", addr.domainKey());
    }

    @Test
    void bytesAreEqualByContentAndShowOnlyTheirLength() {
        byte[] array = {9, 1, 2, 9};
        Bytes part = Bytes.of(array, 1, 2);
        assertEquals(Bytes.of(new byte[] {1, 2}), part);
        assertEquals(Bytes.of(new byte[] {1, 2}).hashCode(), part.hashCode());
        assertNotEquals(Bytes.of(new byte[] {1}), part);
        assertEquals("Bytes[2]", part.toString());
        assertEquals("ü", Bytes.of("ü").utf8());
        assertThrows(IndexOutOfBoundsException.class, () -> Bytes.of(array, 3, 2));
    }

    @Test
    void wishesAboutReportsAreACopyInOneOrder() {
        Set<Dsn.Notify> wishes = EnumSet.of(Dsn.Notify.DELAY, Dsn.Notify.SUCCESS);
        Dsn dsn = new Dsn(wishes, Dsn.Ret.HDRS, "", "");
        wishes.clear();
        assertEquals(List.of(Dsn.Notify.SUCCESS, Dsn.Notify.DELAY), List.copyOf(dsn.notifyOn()));
    }

    private static Envelope envelope(Target target) {
        Envelope some = new Samples(new Gen(1)).of(Envelope.class);
        return new Envelope(
                some.id(),
                some.origin(),
                some.sender(),
                some.rcpt(),
                MailAddr.of("dest@Example.ORG"),
                target,
                some.dsn(),
                Instant.EPOCH,
                Duration.ofDays(4),
                Envelope.State.NEW);
    }

    @Test
    void envelopesForOnePlaceHaveOneDestination() {
        assertEquals("a|example.org", envelope(new Target.Mta("a")).destination());
        assertEquals("a|eve", envelope(new Target.Mda("a", "eve", "", "x")).destination());
        assertEquals(
                "DELAYED|3600",
                envelope(new Target.Bounce(BounceKind.DELAYED, Duration.ofHours(1))).destination());
        assertEquals(DeliveryType.MTA, envelope(new Target.Mta("a")).type());
        assertEquals(
                Instant.EPOCH.plus(Duration.ofDays(4)), envelope(new Target.Mta("a")).expiry());
    }

    @Test
    void whatTheOperatorAddsCountsAndStays() {
        Envelope some = envelope(new Target.Mta("a"));
        Duration day = Duration.ofDays(1);
        Envelope more = some.with(some.state().extended(day).withSuspended(true).extended(day));
        assertEquals(Duration.ofDays(6), more.lifetime());
        assertEquals(Instant.EPOCH.plus(Duration.ofDays(6)), more.expiry());
    }

    @Test
    void anOverlongErrorLineIsCut() {
        Envelope.State state =
                new Envelope.State(
                        1,
                        Instant.EPOCH,
                        Instant.EPOCH,
                        Esc.parse("4.0.0"),
                        "x".repeat(2000),
                        false);
        assertEquals(Envelope.State.ERROR_LINE_MAX, state.errorLine().length());
        assertTrue(state.withSuspended(true).suspended());
    }

    @Test
    void theFamilyOfAClientFollowsItsAddress() {
        for (String[] row :
                new String[][] {
                    {"local", "local"}, {"192.0.2.1", "inet4"}, {"2001:db8::1", "inet6"}
                }) {
            Envelope.Origin origin =
                    new Envelope.Origin("", "", "", "", row[0], "", Envelope.OriginFlags.NONE);
            assertEquals(row[1], origin.family());
        }
    }
}
