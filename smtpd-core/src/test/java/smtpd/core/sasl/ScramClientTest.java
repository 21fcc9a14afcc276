package smtpd.core.sasl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.Optional;

class ScramClientTest {
    private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String BOTH = NONCE + "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String CHALLENGE = "r=" + BOTH + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    private final ScramClient client = new ScramClient("user", "pencil", NONCE);

    /// The example of RFC 7677 §3.
    @Test
    void theExampleOfTheStandard() {
        assertEquals("n,,n=user,r=" + NONCE, client.first());
        assertEquals(
                Optional.of("c=biws,r=" + BOTH + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
                client.last(CHALLENGE));
        assertTrue(client.isServer("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }

    @Test
    void aServerThatDoesNotKnowThePasswordIsNoServer() {
        assertTrue(client.last(CHALLENGE).isPresent());
        assertFalse(client.isServer("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5="));
        assertFalse(client.isServer("e=invalid-proof"));
        assertFalse(client.isServer(""));
    }

    @Test
    void aNonceThatDoesNotBeginWithOursIsRefused() {
        assertEquals(Optional.empty(), client.last(CHALLENGE.replace("rOpr", "xOpr")));
    }

    @Test
    void aChallengeThatIsNoneIsRefused() {
        for (String challenge :
                new String[] {
                    "",
                    "r=" + BOTH,
                    "r=" + BOTH + ",s=W22ZaJ0SNY7soEsUEjb6gQ==",
                    "r=" + BOTH + ",s=%%,i=4096",
                    "r=" + BOTH + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
                    "r=" + BOTH + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999",
                    "r=" + BOTH + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=x",
                    "m=ext," + CHALLENGE
                }) {
            assertEquals(Optional.empty(), client.last(challenge), challenge);
        }
    }
}
