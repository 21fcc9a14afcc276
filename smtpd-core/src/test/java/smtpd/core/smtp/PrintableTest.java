package smtpd.core.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.gen.Gen;

import java.nio.charset.StandardCharsets;

class PrintableTest {
    @Test
    @DisplayName("F-84 line ends, escapes and invisible characters are shown")
    void controlsAreShown() {
        assertEquals("a\\r\\nb\\t\\\\", Printable.escape("a\r\nb\t\\", 100));
        assertEquals("\\x1b[31m\\x00\\x7f\\x85", Printable.escape("\u001b[31m\0\u007f\u0085", 100));
        assertEquals("\\x{2028}\\x{202e}", Printable.escape("\u2028\u202e", 100));
        assertEquals("\\x{d800}x", Printable.escape("\ud800x", 100));
        assertEquals("ä€", Printable.escape("ä€", 100));
    }

    @Test
    @DisplayName("F-84 the length is bounded")
    void longTextIsCut() {
        assertEquals("abcdefg...", Printable.escape("abcdefghijk", 10));
        assertEquals("abcdefghij", Printable.escape("abcdefghij", 10));
        byte[] large = new byte[1 << 20];
        assertEquals(64, Printable.escape(large, 0, large.length, 64).length());
    }

    @Test
    void bytesThatAreNoTextAreShown() {
        byte[] latin = "é\\".getBytes(StandardCharsets.ISO_8859_1);
        assertEquals("\\xe9\\\\", Printable.escape(latin, 0, latin.length, 100));
        byte[] utf8 = "é".getBytes(StandardCharsets.UTF_8);
        assertEquals("é", Printable.escape(utf8, 0, utf8.length, 100));
    }

    @Test
    void anyBytesComeOutVisibleAndBounded() {
        Gen.forAll(
                2000,
                gen -> {
                    byte[] bytes = gen.bytes(40);
                    int max = 3 + gen.below(60);
                    String shown = Printable.escape(bytes, 0, bytes.length, max);
                    assertTrue(shown.length() <= max, shown);
                    assertTrue(shown.chars().noneMatch(Character::isISOControl), shown);
                    assertEquals(Printable.line(shown), shown);
                });
    }
}
