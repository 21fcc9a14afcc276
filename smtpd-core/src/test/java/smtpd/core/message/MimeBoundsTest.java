package smtpd.core.message;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;

/// The only reader of MIME structure stops where it is too much: such a message is left alone.
class MimeBoundsTest {
    private static SevenBit.Finding survey(String message) {
        SevenBit.Survey survey = new SevenBit.Survey();
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        survey.write(bytes, 0, bytes.length);
        return survey.finish();
    }

    @Test
    @DisplayName("F-32: depth 10,000, cyclic boundaries, a hundred thousand parts")
    void tooMuchStructureIsLeftAlone() {
        StringBuilder deep = new StringBuilder("MIME-Version: 1.0\r\n");
        for (int i = 0; i < 10_000; i++) {
            deep.append("Content-Type: multipart/mixed; boundary=b").append(i);
            deep.append("\r\n\r\n--b").append(i).append("\r\n");
        }
        assertInstanceOf(SevenBit.Finding.Unfit.class, survey(deep + "\r\nä\r\n"));

        String cyclic =
                "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
                        + "--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n".repeat(10_000);
        survey(cyclic + "--a--\r\nä\r\n");

        String wide =
                "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
                        + "--a\r\nContent-Transfer-Encoding: 8bit\r\n\r\nä\r\n".repeat(100_000);
        assertInstanceOf(SevenBit.Finding.Unfit.class, survey(wide + "--a--\r\n"));
    }

    @Test
    @DisplayName("F-32: boundaries that begin alike are told apart")
    void boundariesThatBeginAlike() {
        assertInstanceOf(
                SevenBit.Finding.Convertible.class,
                survey(
                        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=ab\r\n\r\n"
                                + "--ab\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
                                + "--a\r\n\r\nx\r\n--a--\r\n--ab\r\n"
                                + "Content-Type: text/plain; charset=utf-8\r\n"
                                + "Content-Transfer-Encoding: 8bit\r\n\r\nä\r\n--ab--\r\n"));
    }

    @Test
    @DisplayName("F-33: encoded words and parameters are not decoded, whatever their length")
    void encodedWordsAreNotDecoded() {
        String bomb = "=?utf-8?q?" + "=41".repeat(60_000) + "?=";
        String address = "From: " + bomb + " <a@b.example>";
        assertInstanceOf(
                SevenBit.Finding.Fit.class,
                survey(
                        address
                                + "\r\nContent-Type: text/plain; name*0*=utf-7''%"
                                + "41%".repeat(10_000)
                                + "; charset=nonsense\r\n\r\nx\r\n"));
        org.junit.jupiter.api.Assertions.assertEquals(
                java.util.List.of("a@b.example"),
                HeaderAddresses.parse(bomb + " <a@b.example>").addresses().stream()
                        .map(Object::toString)
                        .toList());
    }
}
