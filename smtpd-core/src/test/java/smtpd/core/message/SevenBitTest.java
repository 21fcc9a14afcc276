package smtpd.core.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.message.SevenBit.Finding;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

@DisplayName("F-41: 8-bit content for a 7-bit server")
class SevenBitTest {
    private static byte[] bytes(String text) {
        return text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    private static Finding survey(byte[] message, int piece) {
        SevenBit.Survey survey = new SevenBit.Survey();
        for (int at = 0; at < message.length; at += piece) {
            survey.write(message, at, Math.min(piece, message.length - at));
        }
        return survey.finish();
    }

    private static byte[] converted(byte[] message, int piece) {
        Finding.Convertible found =
                assertInstanceOf(Finding.Convertible.class, survey(message, piece));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SevenBit.Conversion conversion = new SevenBit.Conversion(found.plan(), out::write);
        for (int at = 0; at < message.length; at += piece) {
            conversion.write(message, at, Math.min(piece, message.length - at));
        }
        conversion.finish();
        return out.toByteArray();
    }

    private static void becomes(String from, String to) {
        for (int piece : new int[] {1, 7, 100_000}) {
            assertEquals(
                    to.replace("\n", "\r\n"),
                    new String(converted(bytes(from), piece), StandardCharsets.UTF_8));
        }
    }

    private static void isUnfit(String message) {
        Finding.Unfit unfit = assertInstanceOf(Finding.Unfit.class, survey(bytes(message), 11));
        assertTrue(!unfit.why().isEmpty());
    }

    @Test
    void sevenBitContentIsFitAsItIs() {
        assertEquals(new Finding.Fit(), survey(bytes("Subject: x\n\nhello\n"), 3));
        assertEquals(
                new Finding.Fit(),
                survey(bytes("Content-Type: multipart/mixed; boundary=b\n\n--b\nbroken"), 3));
    }

    @Test
    void textBecomesQuotedPrintable() {
        becomes(
                """
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 8bit
                Subject: x

                Grüße = gut\s
                """,
                """
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Subject: x
                Content-Transfer-Encoding: quoted-printable

                Gr=C3=BC=C3=9Fe =3D gut=20
                """);
    }

    @Test
    void whatDoesNotSayItsCharsetSaysSo() {
        becomes(
                "Subject: x\n\nGrüße\n",
                """
                Subject: x
                MIME-Version: 1.0
                Content-Type: text/plain; charset=unknown-8bit
                Content-Transfer-Encoding: quoted-printable

                Gr=C3=BC=C3=9Fe
                """);
    }

    private static final String PARTS =
            """
            MIME-Version: 1.0
            Content-Transfer-Encoding: 8bit
            Content-Type: multipart/mixed; boundary="a b"

            preamble
            --a b
            Content-Type: text/plain
            X-Order: first

            plain=20stays
            --a b
            Content-Type: multipart/alternative; boundary=in(ner)ner

            --inner
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: 8BIT

            <p>ü</p>

            --inner
            Content-Type: application/x-thing
            Content-Transfer-Encoding: 8bit

            ü
            --inner--
            epilogue
            --a b
            Content-Type: text/plain
            Content-Transfer-Encoding: base64

            w7w=
            --a b--
            """;

    private static final String PARTS_CONVERTED =
            """
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="a b"

            preamble
            --a b
            Content-Type: text/plain
            X-Order: first

            plain=20stays
            --a b
            Content-Type: multipart/alternative; boundary=in(ner)ner

            --inner
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            <p>=C3=BC</p>

            --inner
            Content-Type: application/x-thing
            Content-Transfer-Encoding: base64

            w7w=
            --inner--
            epilogue
            --a b
            Content-Type: text/plain
            Content-Transfer-Encoding: base64

            w7w=
            --a b--
            """;

    @Test
    void eachPartIsConvertedByItselfAndOthersStay() {
        becomes(PARTS, PARTS_CONVERTED);
    }

    @Test
    void aMessageInAMessageIsConvertedInside() {
        becomes(
                """
                MIME-Version: 1.0
                Content-Type: message/rfc822
                Content-Transfer-Encoding: 8bit

                Subject: inner

                ü
                """,
                """
                MIME-Version: 1.0
                Content-Type: message/rfc822

                Subject: inner
                MIME-Version: 1.0
                Content-Type: text/plain; charset=unknown-8bit
                Content-Transfer-Encoding: quoted-printable

                =C3=BC
                """);
    }

    @Test
    void theHeaderOfAGlobalMessageInAReportIsEncodedAsAWhole() {
        becomes(
                """
                MIME-Version: 1.0
                Content-Type: multipart/report; boundary=b

                --b
                Content-Type: message/global-headers
                Content-Transfer-Encoding: 8bit

                To: ü
                --b--
                """,
                """
                MIME-Version: 1.0
                Content-Type: multipart/report; boundary=b

                --b
                Content-Type: message/global-headers
                Content-Transfer-Encoding: base64

                VG86IMO8
                --b--
                """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Subject: ü\n\nx\n",
                "MIME-Version: 1.0\nContent-Type: multipart/signed; boundary=b\n\n"
                        + "--b\nContent-Transfer-Encoding: 8bit\n\nü\n--b\n\nsig\n--b--\n",
                "MIME-Version: 1.0\nContent-Type: multipart/signed; boundary=b\n\n"
                        + "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nü\n--c--\n"
                        + "--b\n\nsig\n--b--\n",
                "MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\nü\n",
                "MIME-Version: 1.0\nContent-Type: message/partial\n\nü\n",
                "MIME-Version: 1.0\n"
                        + "Content-Type: multipart/mixed; boundary=b\n\n"
                        + "ü\n"
                        + "--b\n\n"
                        + "x\n"
                        + "--b--\n",
                "MIME-Version: 1.0\nContent-Type: multipart/mixed\n\n--b\n\nü\n--b--\n",
                "MIME-Version: 1.0\n"
                        + "Content-Type: multipart/mixed; boundary=b\n\n"
                        + "--b\n"
                        + "no header\n"
                        + "ü\n"
                        + "--b--\n",
            })
    void whatMayNotOrCannotBeChangedIsUnfit(String message) {
        isUnfit(message);
    }

    @Test
    void partsWithinPartsWithoutEndAreUnfit() {
        StringBuilder deep = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            deep.append("Content-Type: multipart/mixed; boundary=b").append(i).append("\n\n--b");
            deep.append(i).append('\n');
        }
        isUnfit(deep + "\nü\n");
    }

    @Test
    void whateverItIsTheResultIsSevenBitOrItIsNotConverted() {
        SplittableRandom random = new SplittableRandom(9);
        String[] pieces = {
            "Content-Type: multipart/mixed; boundary=b\r\n",
            "Content-Type: text/plain\r\n",
            "Content-Type: message/rfc822\r\n",
            "Content-Transfer-Encoding: 8bit\r\n",
            "Content-Transfer-Encoding: binary\r\n",
            "MIME-Version: 1.0\r\n",
            "\r\n",
            "\r\n",
            "\r\n--b\r\n",
            "\r\n--b--\r\n",
            "ü",
            "\n",
            "\r",
            "\0",
            "x".repeat(1500),
            " blank \r\n",
        };
        int converted = 0;
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(20); n > 0; n--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            byte[] message = text.toString().getBytes(StandardCharsets.UTF_8);
            int piece = 1 + random.nextInt(40);
            Finding found = survey(message, piece);
            assertEquals(found.getClass(), survey(message, 100_000).getClass());
            if (found instanceof Finding.Convertible) {
                converted++;
                byte[] result = converted(message, piece);
                for (byte octet : result) {
                    assertTrue(octet >= 0, text.toString());
                }
                assertArrayEquals(result, converted(message, 100_000));
                assertEquals(new Finding.Fit(), survey(result, piece));
            }
        }
        assertTrue(converted > 1000, "only " + converted);
    }
}
