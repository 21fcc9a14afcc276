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

    @Test
    @DisplayName("F-17: RFC 6533 §3 addresses beyond ASCII")
    void addressesBeyondAscii() {
        String address = "jürgen+a=b\\@例え.jp";
        String written = Xtext.encodeUtf8Address(address);
        assertEquals("j\\x{FC}rgen\\x{2B}a\\x{3D}b\\x{5C}@\\x{4F8B}\\x{3048}.jp", written);
        assertEquals(Optional.of(address), Xtext.decodeUtf8Address(written, false));
        assertEquals(Optional.of("jü@x"), Xtext.decodeUtf8Address("jü@x", true));
        for (String bad :
                List.of(
                        "jü@x",
                        "a+b",
                        "a=b",
                        "a\\",
                        "a\\x{}",
                        "a\\x{41",
                        "a\\x{D}",
                        "a\\x{7f}",
                        "a\\x{D800}",
                        "a\\x{110000}",
                        "a\\x{1000000}",
                        "a\\y{41}",
                        "")) {
            assertEquals(Optional.empty(), Xtext.decodeUtf8Address(bad, false), bad);
        }
    }
}
