package smtpd.lka.srs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.core.conf.SrsOptions;
import smtpd.core.mail.MailAddr;

import java.time.Duration;
import java.time.Instant;

/// The tags here were computed by another program, by the description of the format.
class SrsTest {
    private static final String HOSTNAME = "mx.example.org";
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Srs SRS =
            new Srs(new SrsOptions("secret", "former", Duration.ofDays(4)), HOSTNAME);

    private static String encoded(String sender) {
        return SRS.encode(MailAddr.of(sender), NOW).toString();
    }

    private static String decoded(String rcpt) {
        return switch (SRS.decode(MailAddr.of(rcpt), NOW)) {
            case Srs.Decoded.Original(MailAddr addr) -> addr.toString();
            case Srs.Decoded.Refused(String reason) -> "refused: " + reason;
            case Srs.Decoded.AsItIs(String reason) -> ("as it is: " + reason).strip();
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            textBlock =
                    """
                    joe@far.example => SRS0=vsrm=7H=far.example=joe@mx.example.org
                    joe=x+y@far.example => SRS0=WOez=7H=far.example=joe=x+y@mx.example.org
                    "a b\\"c"@far.example => "SRS0=iGGP=7H=far.example=a b\\"c"@mx.example.org
                    joe@[192.0.2.1] => "SRS0=bs5B=7H=[192.0.2.1]=joe"@mx.example.org
                    """,
            quoteCharacter = '\'')
    void senderIsRewrittenAndFoundAgain(String sender, String rewritten) {
        assertEquals(rewritten, encoded(sender));
        assertEquals(sender, decoded(rewritten));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            textBlock =
                    """
                    SRS0=ABCD=7H=first.example=joe@second.example \
                     => SRS1=i2mS=second.example==ABCD=7H=first.example=joe@mx.example.org
                    SRS0+ABCD=7H=origin.example=joe@first.example \
                     => SRS1=c7ze=first.example=+ABCD=7H=origin.example=joe@mx.example.org
                    """)
    void senderRewrittenByAnotherKeepsTheWayBackToIt(String sender, String rewritten) {
        assertEquals(rewritten, encoded(sender));
        assertEquals(sender, decoded(rewritten));
    }

    @Test
    void thirdForwarderPointsToTheFirst() {
        assertEquals(
                "SRS1=i2mS=second.example==ABCD=7H=first.example=joe@mx.example.org",
                encoded("SRS1=WXYZ=second.example==ABCD=7H=first.example=joe@third.example"));
    }

    @ParameterizedTest
    @CsvSource({
        "joe@MX.example.org",
        "SRS0=vsrm=7H=far.example=joe@mx.example.org",
        "joe",
    })
    void sendersHereStayAsTheyAre(String sender) {
        assertEquals(sender, encoded(sender));
    }

    @Test
    void nullSenderStaysNull() {
        assertEquals(MailAddr.NULL, SRS.encode(MailAddr.NULL, NOW));
    }

    @Test
    void senderWithoutRoomStaysAsItIs() {
        String label = "a".repeat(57) + ".";
        String domain = label + label + label + "org";
        String fits = "x".repeat(64) + "@" + domain;
        assertEquals(255, "SRS0=HHHH=7H=".length() + fits.length());
        assertEquals(255, SRS.encode(MailAddr.of(fits), NOW).user().length());
        assertEquals(fits, decoded(encoded(fits)));
        assertEquals(fits + "a", encoded(fits + "a"));
    }

    @Test
    void withoutAKeyNothingIsRewrittenOrRead() {
        Srs off = new Srs(SrsOptions.DEFAULT, HOSTNAME);
        MailAddr sender = MailAddr.of("joe@far.example");
        assertEquals(sender, off.encode(sender, NOW));
        assertEquals(
                new Srs.Decoded.AsItIs(""),
                off.decode(MailAddr.of("SRS0=vsrm=7H=far.example=joe@mx.example.org"), NOW));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            textBlock =
                    """
                    SRS0=UA13=7G=far.example=joe@mx.example.org => joe@far.example
                    SRS0=oQ25=7D=far.example=joe@mx.example.org => joe@far.example
                    SRS0=6WBO=7C=far.example=joe@mx.example.org => refused: it is too old
                    SRS0=DPqJ=7I=far.example=joe@mx.example.org => joe@far.example
                    SRS0=XO0H=7J=far.example=joe@mx.example.org => refused: it is too old
                    SRS1=hl2D=first.example==ABCD=62=origin.example=joe@mx.example.org \
                     => refused: it is too old
                    """)
    @DisplayName("F-93 a rewritten sender out of date is refused, one day ahead is not")
    void age(String rcpt, String expected) {
        assertEquals(expected, decoded(rcpt));
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            textBlock =
                    """
                    SRS0=4bIR=7H=far.example=joe@mx.example.org => joe@far.example
                    SRS0=vsrm=7H=far.example=joe@MX.Example.ORG => joe@far.example
                    srs0=vsrm=7H=far.example=joe@mx.example.org => joe@far.example
                    SRS0-vsrm=7H=far.example=joe@mx.example.org => joe@far.example
                    SRS0=Bkzv=7H=far.example=joe@mx2.example.org => joe@far.example
                    """)
    void formerKeyAndOtherSpellingsAreGenuine(String rcpt, String expected) {
        assertEquals(expected, decoded(rcpt));
    }

    @ParameterizedTest
    @CsvSource({
        "SRS0=VSRM=7H=far.example=joe@mx.example.org",
        "srs0=vsrm=7h=far.example=joe@mx.example.org",
        "SRS0=vsrm=7H=far.example=jim@mx.example.org",
        "SRS0=vsrm=7H=other.example=joe@mx.example.org",
        "SRS0=vsrm=7I=far.example=joe@mx.example.org",
        "SRS0=xxxx=7H=far.example=joe@mx.example.org",
        "SRS0=vsr=7H=far.example=joe@mx.example.org",
        "SRS0==7H=far.example=joe@mx.example.org",
        "SRS0=x@mx.example.org",
        "SRS0=vsrm=@mx.example.org",
    })
    @DisplayName("F-93 a tag that was tampered with or is in the wrong case is refused")
    void forgedTags(String rcpt) {
        assertEquals("refused: its tag is not of our making", decoded(rcpt));
    }

    @ParameterizedTest
    @CsvSource({
        "SRS0=Wl0x=7H=joe@mx.example.org",
        "SRS0=c9FM=7H=-bad-=joe@mx.example.org",
        "SRS1=wGEi=first.example@mx.example.org",
        "SRS1=vsrm=7H=far.example=joe@mx.example.org",
    })
    @DisplayName("F-93 what is signed and holds no address is refused")
    void signedNonsense(String rcpt) {
        assertInstanceOf(Srs.Decoded.Refused.class, SRS.decode(MailAddr.of(rcpt), NOW));
    }

    @Test
    void addressesOfOtherServersAreLeftAlone() {
        assertEquals(
                "as it is: its tag is not of our making",
                decoded("SRS0=vsrm=7H=far.example=joe@customer.example"));
        assertEquals("as it is:", decoded("joe@mx.example.org"));
        assertEquals("as it is:", decoded("SRS0@mx.example.org"));
        assertEquals("as it is:", decoded("SRS0=@mx.example.org"));
        assertEquals("as it is:", decoded("SRS2=vsrm=7H=far.example=joe@mx.example.org"));
        assertEquals("as it is:", decoded("SRS0joe@mx.example.org"));
    }

    @Test
    void dayGoesRoundAfterAThousand() {
        Instant later = NOW.plus(Duration.ofDays(1024));
        assertEquals(
                SRS.encode(MailAddr.of("joe@far.example"), NOW),
                SRS.encode(MailAddr.of("joe@far.example"), later));
        Instant border = Instant.EPOCH.plus(Duration.ofDays(1023));
        MailAddr made = SRS.encode(MailAddr.of("joe@far.example"), border);
        assertInstanceOf(
                Srs.Decoded.Original.class, SRS.decode(made, border.plus(Duration.ofDays(4))));
        assertInstanceOf(
                Srs.Decoded.Refused.class, SRS.decode(made, border.plus(Duration.ofDays(5))));
    }
}
