package smtpd.core.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.gen.Gen;

import java.util.List;
import java.util.Optional;

class XtextTest {
    @Test
    void encodesWhatIsNotPlain() {
        assertEquals("a+2Bb+3Dc+20d+C3+A4", Xtext.encode("a+b=c dä"));
    }

    @Test
    @DisplayName("F-17 bad xtext is no text")
    void badXtext() {
        for (String bad : List.of("+", "+2", "+2b", "+GG", "a b", "a=b", "ä", "+C3", "\0", "+ 1")) {
            assertEquals(Optional.empty(), Xtext.decode(bad), bad);
        }
    }

    @Test
    void decodeUndoesEncode() {
        List<String> pieces = List.of("a", "+", "=", " ", "ä", "\r\n", "~", "\u0000", "😀");
        Gen.forAll(
                1000,
                gen -> {
                    String text = gen.run(pieces, 12);
                    assertEquals(Optional.of(text), Xtext.decode(Xtext.encode(text)));
                });
    }
}
