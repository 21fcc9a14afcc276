package smtpd.smtp.sasl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Secret;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class MechanismTest {
    private static final Bytes KEY = Bytes.of("what both ends know");
    private static final ChannelBindings TLS =
            new ChannelBindings(Map.of("tls-exporter", () -> Optional.of(KEY)));

    /// The example of RFC 7677 §3.
    private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";

    private static final String OURS = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final Turn.Salt SALT =
            new Turn.Salt(Bytes.of(Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==")), 4096);

    private static Turn begin(Mechanism mechanism, ChannelBindings bindings, String initial) {
        return mechanism.begin(Optional.of(Bytes.of(initial)), bindings, () -> OURS);
    }

    private static Turn plain(String message) {
        return begin(Mechanism.PLAIN, ChannelBindings.NONE, message);
    }

    private static Turn scram(String message) {
        return begin(Mechanism.SCRAM_SHA_256, ChannelBindings.NONE, message);
    }

    private static Turn.Challenge salted(Turn turn) {
        Turn.FetchSalt fetch = assertInstanceOf(Turn.FetchSalt.class, turn);
        return assertInstanceOf(Turn.Challenge.class, fetch.next().apply(SALT));
    }

    private static Turn answered(Turn.Challenge challenge, String response) {
        return challenge.next().apply(Bytes.of(response));
    }

    private static String base64(Bytes bytes) {
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    @Test
    void offersFollowCredentialsAndConnection() {
        assertEquals(List.of(Mechanism.PLAIN, Mechanism.LOGIN), Mechanism.offered(false, TLS));
        assertEquals(
                List.of(Mechanism.PLAIN, Mechanism.LOGIN, Mechanism.SCRAM_SHA_256),
                Mechanism.offered(true, ChannelBindings.NONE));
        assertEquals(List.of(Mechanism.values()), Mechanism.offered(true, TLS));
        assertEquals(
                Optional.empty(), Mechanism.named("SCRAM-SHA-256", Mechanism.offered(false, TLS)));
    }

    @Test
    void plainIsOneMessage() {
        Turn wanted = new Turn.CheckPassword("user", new Secret("p w"));
        assertEquals(wanted, plain("\0user\0p w"));
        assertEquals(wanted, plain("other\0user\0p w"));
        Turn.Challenge asked =
                assertInstanceOf(
                        Turn.Challenge.class,
                        Mechanism.PLAIN.begin(Optional.empty(), ChannelBindings.NONE, () -> ""));
        assertEquals(Bytes.EMPTY, asked.challenge());
        assertEquals(wanted, answered(asked, "\0user\0p w"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "user",
                "user\0password",
                "\0\0password",
                "\0user\0",
                "\0a\0b\0c",
                "\0a\0b\0c\0d",
                "\0us\ner\0password",
                "\0us\rer\0password",
                "\0us\u0085er\0password"
            })
    @DisplayName(
            "F-22 PLAIN with 1, 3 or 4 NULs, with an empty part, with a line break in the name")
    void malformedPlain(String message) {
        assertInstanceOf(Turn.Malformed.class, plain(message));
    }

    @Test
    @DisplayName("F-22 PLAIN that is no UTF-8, names of 256 characters")
    void malformedNames() {
        Bytes octets = Bytes.of(new byte[] {0, (byte) 0xff, 0, 'p'});
        assertInstanceOf(
                Turn.Malformed.class,
                Mechanism.PLAIN.begin(Optional.of(octets), ChannelBindings.NONE, () -> ""));
        assertInstanceOf(Turn.CheckPassword.class, plain("\0" + "x".repeat(255) + "\0p"));
        assertInstanceOf(Turn.Malformed.class, plain("\0" + "x".repeat(256) + "\0p"));
    }

    @Test
    void loginAsksForNameAndPassword() {
        Turn.Challenge name =
                assertInstanceOf(
                        Turn.Challenge.class,
                        Mechanism.LOGIN.begin(Optional.empty(), ChannelBindings.NONE, () -> ""));
        assertEquals("VXNlcm5hbWU6", base64(name.challenge()));
        Turn.Challenge password = assertInstanceOf(Turn.Challenge.class, answered(name, "user"));
        assertEquals("UGFzc3dvcmQ6", base64(password.challenge()));
        assertEquals(
                new Turn.CheckPassword("user", new Secret("password")),
                answered(password, "password"));
        assertInstanceOf(
                Turn.Challenge.class, begin(Mechanism.LOGIN, ChannelBindings.NONE, "user"));
    }

    @Test
    @DisplayName("F-22 LOGIN with an empty or impossible name or password")
    void malformedLogin() {
        assertInstanceOf(Turn.Malformed.class, begin(Mechanism.LOGIN, TLS, ""));
        assertInstanceOf(Turn.Malformed.class, begin(Mechanism.LOGIN, TLS, "a\nb"));
        Turn.Challenge password =
                assertInstanceOf(Turn.Challenge.class, begin(Mechanism.LOGIN, TLS, "user"));
        assertInstanceOf(Turn.Malformed.class, answered(password, ""));
        assertInstanceOf(Turn.Malformed.class, answered(password, "a\0b"));
    }

    @Test
    void theExampleOfTheRfc() {
        Turn.Challenge challenge = salted(scram("n,,n=user,r=" + NONCE));
        assertEquals(
                "r=" + NONCE + OURS + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                challenge.challenge().utf8());
        String last = "c=biws,r=" + NONCE + OURS;
        String proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        Turn.CheckProof check =
                assertInstanceOf(Turn.CheckProof.class, answered(challenge, last + ",p=" + proof));
        assertEquals("user", check.user());
        assertEquals(
                "n=user,r=" + NONCE + "," + challenge.challenge().utf8() + "," + last,
                check.message());
        assertEquals(proof, base64(check.proof()));
        Turn.Challenge signed =
                assertInstanceOf(Turn.Challenge.class, check.next().apply(Bytes.of("sig")));
        assertEquals("v=c2ln", signed.challenge().utf8());
        assertEquals(new Turn.Proved("user"), answered(signed, ""));
        assertInstanceOf(Turn.Malformed.class, answered(signed, "x"));
    }

    @Test
    void bindingIsThatOfTheConnection() {
        Turn.Challenge challenge =
                salted(
                        begin(
                                Mechanism.SCRAM_SHA_256_PLUS,
                                TLS,
                                "p=tls-exporter,,n=user,r=" + NONCE));
        String bound = base64(Bytes.of("p=tls-exporter,," + KEY.utf8()));
        String rest = ",r=" + NONCE + OURS + ",p=AAAA";
        assertInstanceOf(Turn.CheckProof.class, answered(challenge, "c=" + bound + rest));
        String other = base64(Bytes.of("p=tls-exporter,,another connection"));
        assertInstanceOf(Turn.Refused.class, answered(challenge, "c=" + other + rest));
        String none = base64(Bytes.of("n,,"));
        assertInstanceOf(Turn.Refused.class, answered(challenge, "c=" + none + rest));
    }

    @Test
    void bindingMustFitTheMechanism() {
        Mechanism plus = Mechanism.SCRAM_SHA_256_PLUS;
        String rest = ",,n=user,r=" + NONCE;
        assertInstanceOf(Turn.Malformed.class, begin(plus, TLS, "n" + rest));
        assertInstanceOf(Turn.Malformed.class, begin(plus, TLS, "y" + rest));
        assertInstanceOf(Turn.Refused.class, begin(plus, TLS, "p=tls-unique" + rest));
        Mechanism scram = Mechanism.SCRAM_SHA_256;
        assertInstanceOf(Turn.Malformed.class, begin(scram, TLS, "p=tls-exporter" + rest));
        assertInstanceOf(Turn.FetchSalt.class, begin(scram, TLS, "n" + rest));
        assertInstanceOf(Turn.FetchSalt.class, begin(scram, ChannelBindings.NONE, "y" + rest));
        // RFC 5802 §6: told that we cannot bind, though we said that we can
        assertInstanceOf(Turn.Refused.class, begin(scram, TLS, "y" + rest));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n",
                "n,,",
                "n,,n=user",
                "n,,r=abc,n=user",
                "n,,n=,r=abc",
                "n,,n=us=er,r=abc",
                "n,,n=us=2Der,r=abc",
                "n,,n=us\ner,r=abc",
                "n,,m=x,n=user,r=abc",
                "n,b=x,n=user,r=abc",
                "x,,n=user,r=abc",
                "n,,n=user,r=a c",
                "n,,n=user,r="
            })
    @DisplayName("F-22 first messages of SCRAM that are none")
    void malformedFirst(String message) {
        assertInstanceOf(Turn.Malformed.class, scram(message));
    }

    @Test
    @DisplayName("F-22 nonces without end")
    void boundedNonce() {
        assertInstanceOf(Turn.FetchSalt.class, scram("n,,n=user,r=" + "x".repeat(160)));
        assertInstanceOf(Turn.Malformed.class, scram("n,,n=user,r=" + "x".repeat(161)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws",
                "c=biws,r=NONCE",
                "c=biws,r=NONCE,p=?",
                "c=?,r=NONCE,p=AAAA",
                "r=NONCE,c=biws,p=AAAA",
                "c=biws,p=AAAA"
            })
    @DisplayName("F-22 final messages of SCRAM that are none")
    void malformedFinal(String message) {
        Turn.Challenge challenge = salted(scram("n,,n=user,r=" + NONCE));
        assertInstanceOf(
                Turn.Malformed.class, answered(challenge, message.replace("NONCE", NONCE + OURS)));
    }

    @Test
    void anotherNonceIsRefused() {
        Turn.Challenge challenge = salted(scram("n,,n=user,r=" + NONCE));
        assertInstanceOf(Turn.Refused.class, answered(challenge, "c=biws,r=" + NONCE + ",p=AAAA"));
    }

    @Test
    void namesAreDecoded() {
        Turn.FetchSalt fetch =
                assertInstanceOf(Turn.FetchSalt.class, scram("n,,n=a=2Cb=3Dc,r=" + NONCE));
        assertEquals("a,b=c", fetch.user());
    }

    @Test
    @DisplayName("F-85 a turn does not show a password")
    void secretsAreNotShown() {
        assertTrue(plain("\0user\0hunter2").toString().indexOf("hunter2") < 0);
    }
}
