package smtpd.core.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.gen.Gen;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

class BodyFoldTest {
    private static String encode(String body, List<Integer> pieces) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BodyFold fold = new BodyFold(out::write);
        byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
        int at = 0;
        for (int piece : pieces) {
            fold.write(bytes, at, piece);
            at += piece;
        }
        fold.finish();
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private static String encode(String body) {
        return encode(body, List.of(body.length()));
    }

    private static String decode(String encoded) {
        String joined = encoded.replace("=\r\n", "");
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < joined.length(); i++) {
            if (joined.charAt(i) == '=') {
                out.append((char) Integer.parseInt(joined.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                out.append(joined.charAt(i));
            }
        }
        return out.toString();
    }

    @Test
    void plainTextStays() {
        assertEquals("a b\r\n\r\nc\r\n", encode("a b\r\n\r\nc\r\n"));
        assertEquals("a\r\nb\r\n", encode("a\nb"));
        assertEquals("", encode(""));
    }

    @Test
    void othersAreEncoded() {
        assertEquals("a=3Db=E9=00=0Dc\r\n", encode("a=b\u00e9\0\rc\n"));
        assertEquals("a=20\r\nb=09\r\nc =20\r\n", encode("a \nb\t\r\nc  "));
    }

    @Test
    @DisplayName("F-29 a long line is folded and comes back whole")
    void longLinesFold() {
        Gen.forAll(
                500,
                gen -> {
                    String body =
                            gen.run(List.of("x", " ", "\t", "=", "é", "word", "\r\n", "\r"), 400)
                                    + "y".repeat(gen.below(1500))
                                    + "z\r\n";
                    String encoded = encode(body, gen.split(body.length()));
                    assertEquals(encode(body), encoded);
                    assertEquals(body, decode(encoded));
                    for (String line : encoded.split("\r\n", -1)) {
                        assertTrue(line.length() <= 76, line);
                        assertTrue(!line.endsWith(" ") && !line.endsWith("\t"), line);
                    }
                });
    }
}
