package smtpd.core.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.gen.Gen;
import smtpd.core.message.HeaderFixer.Policy;
import smtpd.core.message.HeaderFixer.Verdict;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

class HeaderFixerTest {
    private static final Policy SUBMITTED = Policy.submitted("mx.org", "D", "<m@mx.org>");

    /// What came of a message.
    private record Fixed(Verdict verdict, String text) {}

    private static Fixed fix(Policy policy, String message, List<Integer> pieces) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HeaderFixer fixer = new HeaderFixer(policy, out::write);
        byte[] bytes = message.getBytes(StandardCharsets.ISO_8859_1);
        int at = 0;
        for (int piece : pieces) {
            fixer.write(bytes, at, piece);
            at += piece;
        }
        Verdict verdict = fixer.finish();
        assertEquals(verdict, fixer.verdict());
        return new Fixed(verdict, out.toString(StandardCharsets.ISO_8859_1));
    }

    private static Fixed fix(Policy policy, String message) {
        return fix(policy, message, List.of(message.length()));
    }

    private static Fixed ok(String text) {
        return new Fixed(Verdict.ACCEPTABLE, text);
    }

    private static Fixed refused(Verdict verdict) {
        return new Fixed(verdict, "");
    }

    @Test
    void foreignMailStaysAsItIs() {
        String message = "Subject : x\r\n \r\n y\r\nFrom: joe\r\nX:\r\n\r\nBcc: body\r\n";
        assertEquals(ok(message), fix(Policy.RELAYED, message));
    }

    private static String masqueraded(String from) {
        Fixed fixed =
                fix(
                        Policy.RELAYED.from("me@x.org"),
                        "A: 1\r\nFrom:" + from + "\r\nB: 2\r\n\r\nb\r\n");
        assertEquals(Verdict.ACCEPTABLE, fixed.verdict());
        String text = fixed.text();
        assertTrue(
                text.startsWith("A: 1\r\nFrom:") && text.endsWith("\r\nB: 2\r\n\r\nb\r\n"), text);
        return text.substring("A: 1\r\nFrom:".length(), text.indexOf("\r\nB: 2"));
    }

    @Test
    void theSenderIsTheOnlyAddressInFrom() {
        assertEquals(" me@x.org", masqueraded(" a@b.example"));
        assertEquals(" A B <me@x.org>", masqueraded(" A B <a@b.example>"));
        assertEquals(" \"A, <a@b>\" <me@x.org> (c)", masqueraded(" \"A, <a@b>\" <a@b> (c)"));
        assertEquals("\r\n A <me@x.org>", masqueraded("\r\n A <a@b.example>"));
        assertEquals(" me@x.org", masqueraded(" joe"));
        assertEquals(" me@x.org", masqueraded(" A <a@b.example>, B <c@d.example>"));
        assertEquals(" me@x.org", masqueraded(" a@(comment)b.example"));
        assertEquals(" me@x.org", masqueraded(""));
        assertEquals(" me@x.org", masqueraded(" no address <"));
    }

    @Test
    void otherFieldsKeepTheirAddresses() {
        String message = "To: a@b.example\r\nReply-To: c@d.example\r\n\r\nFrom: x@y.example\r\n";
        assertEquals(ok(message), fix(Policy.RELAYED.from("me@x.org"), message));
    }

    @Test
    void bccIsLeftOut() {
        assertEquals(
                ok("A: 1\r\nB: 2\r\n\r\nBcc: z\r\n"),
                fix(
                        Policy.RELAYED,
                        "Bcc: x\r\nA: 1\r\nBCC: y,\r\n\tz\r\nB: 2\r\nbcc:\r\n\r\nBcc: z\r\n"));
    }

    @Test
    void addressesAreCompleted() {
        assertEquals(
                ok(
                        lines(
                                "Date: D",
                                "Message-ID: <1@x>",
                                "From: Joe <joe@mx.org>",
                                "To: ann@mx.org (Ann),",
                                " \"Bob B\" <bob@mx.org>, c@d.org",
                                "Cc: G: \"x y\"@mx.org;",
                                "Reply-To: joe",
                                "")),
                fix(
                        SUBMITTED,
                        lines(
                                "Date: D",
                                "Message-ID: <1@x>",
                                "From: Joe <joe>",
                                "To: ann (Ann),",
                                " \"Bob B\" <bob>, c@d.org",
                                "Cc: G: \"x y\";",
                                "Reply-To: joe",
                                "")));
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n";
    }

    @Test
    void missingFieldsAreAdded() {
        assertEquals(
                ok("A: 1\r\nDate: D\r\nMessage-ID: <m@mx.org>\r\n\r\nbody"),
                fix(SUBMITTED, "A: 1\r\n\r\nbody"));
        assertEquals(
                ok("date: x\r\nMessage-ID: <m@mx.org>\r\n\r\n"), fix(SUBMITTED, "date: x\r\n\r\n"));
        assertEquals(ok("A: 1\r\n\r\n"), fix(Policy.RELAYED, "A: 1\r\n\r\n"));
    }

    @Test
    @DisplayName("F-31 a message that is empty, or header or body only, is accepted")
    void shortMessages() {
        assertEquals(ok(""), fix(Policy.RELAYED, ""));
        assertEquals(ok("\r\nbody\r\n"), fix(Policy.RELAYED, "\r\nbody\r\n"));
        assertEquals(ok("A: 1\r\n"), fix(Policy.RELAYED, "A: 1\r\n"));
        String added = "Date: D\r\nMessage-ID: <m@mx.org>\r\n";
        assertEquals(ok(added), fix(SUBMITTED, ""));
        assertEquals(ok(added + "\r\nbody\r\n"), fix(SUBMITTED, "\r\nbody\r\n"));
        assertEquals(ok("A: 1\r\n" + added), fix(SUBMITTED, "A: 1\r\n"));
        assertEquals(ok("A: 1\r\n" + added), fix(SUBMITTED, "A: 1"));
    }

    @Test
    @DisplayName("F-31 no header, a bad line or a folded first line is not compliant")
    void notCompliant() {
        for (String message :
                List.of(
                        "hello\r\n",
                        "hello",
                        "A: 1\r\nhello world\r\n",
                        " A: 1\r\n\r\n",
                        "\tA: 1\r\n\r\n",
                        "From joe Mon Jan  1\r\nA: 1\r\n\r\n",
                        ": x\r\n\r\n",
                        "A\u00e4: x\r\n\r\n",
                        "A\u0001: x\r\n\r\n",
                        "A: 1\r\nB\r\n\r\n")) {
            assertEquals(refused(Verdict.NOT_COMPLIANT), fix(Policy.RELAYED, message), message);
        }
    }

    @Test
    @DisplayName("F-35 a hundred Received fields are a loop")
    void loop() {
        String hop = "Received: from x\r\n by y\r\n";
        String message = hop.repeat(99) + "\r\n" + hop;
        assertEquals(ok(message), fix(Policy.RELAYED, message));
        assertEquals(
                refused(Verdict.LOOP), fix(Policy.RELAYED, hop.repeat(99) + "received:\r\n\r\n"));
    }

    @Test
    @DisplayName("F-31 header size and number of fields are bounded")
    void boundedHeader() {
        assertEquals(
                refused(Verdict.HEADER_TOO_BIG),
                fix(Policy.RELAYED, "A: " + "x".repeat(1 << 20) + "\r\n\r\n"));
        assertEquals(
                refused(Verdict.HEADER_TOO_BIG),
                fix(Policy.RELAYED, "A: " + "x\r\n ".repeat(1 << 17) + "\r\n\r\n"));
        String fits = "A: 1\r\n".repeat(HeaderBlock.FIELDS_MAX);
        assertEquals(ok(fits + "\r\n"), fix(Policy.RELAYED, fits + "\r\n"));
        assertEquals(refused(Verdict.HEADER_TOO_BIG), fix(Policy.RELAYED, fits + "A: 1\r\n\r\n"));
    }

    @Test
    void addedFieldsCannotHoldALineEnd() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Policy(true, "", "", Map.of("Date", "x\r\nBcc: y")));
    }

    @Test
    @DisplayName("F-31 pieces make no difference")
    void piecesMakeNoDifference() {
        List<String> words =
                List.of(
                        "From: joe\r\n",
                        "To: a, b@c\r\n",
                        "Bcc: x\r\n",
                        " folded\r\n",
                        "Date: d\r\n",
                        "\r\n",
                        "body",
                        "X: y\r\n",
                        "Received: z\r\n",
                        "\n",
                        "Cc: <q>\r\n");
        Gen.forAll(
                2000,
                gen -> {
                    String message = gen.run(words, 15);
                    Policy policy = gen.oneIn(2) ? SUBMITTED : Policy.RELAYED;
                    Fixed whole = fix(policy, message);
                    assertEquals(whole, fix(policy, message, gen.split(message.length())));
                    // What was fixed needs no more fixing.
                    assertTrue(
                            whole.verdict() != Verdict.ACCEPTABLE
                                    || fix(policy, whole.text()).equals(whole),
                            message);
                });
    }

    @Test
    @DisplayName("F-31 any bytes are judged, and foreign mail without Bcc passes byte for byte")
    void anyBytes() {
        List<String> words =
                List.of(
                        "A: b", "\r\n", "\n", "\r", "\0", "From:", "(", "\"", "<", "é", ":", " ",
                        "\t");
        Gen.forAll(
                3000,
                gen -> {
                    String message = gen.run(words, 20);
                    Fixed whole = fix(Policy.RELAYED, message);
                    String expected = whole.verdict() == Verdict.ACCEPTABLE ? message : "";
                    assertEquals(expected, whole.text());
                    assertEquals(
                            whole.verdict(),
                            fix(SUBMITTED, message, gen.split(message.length())).verdict());
                });
    }

    @Test
    @DisplayName("F-35 Delivered-To fields are found")
    void scannerFindsFields() {
        HeaderScanner scanner = new HeaderScanner();
        String text =
                lines(
                        "Delivered-To: a@b.org",
                        "X: 1",
                        "delivered-to:",
                        " c@d.org ",
                        "",
                        "Delivered-To: no");
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        for (byte octet : bytes) {
            scanner.write(new byte[] {octet}, 0, 1);
        }
        scanner.finish();
        assertTrue(scanner.ended());
        assertEquals(List.of("a@b.org", "c@d.org"), scanner.values("delivered-to"));
        assertTrue(scanner.has("x"));
        assertEquals(text.indexOf("\r\n\r\n") + 2, scanner.header().length());
    }

    private static List<String> oddities(String header) {
        HeaderFixer fixer = new HeaderFixer(Policy.RELAYED, (bytes, offset, length) -> {});
        byte[] bytes = (header + "\r\n\r\nbody\r\n").getBytes(StandardCharsets.UTF_8);
        fixer.write(bytes, 0, bytes.length);
        assertEquals(Verdict.ACCEPTABLE, fixer.finish());
        return fixer.oddities();
    }

    @Test
    @DisplayName("F-34: fields that stand more than once, and authors nobody can tell, are named")
    void oddHeadersAreNamed() {
        assertEquals(
                List.of(), oddities("From: a@b.example\r\nTo: x@y\r\nReceived: a\r\nReceived: b"));
        assertEquals(
                List.of("date", "from", "to", "from-domains"),
                oddities(
                        "From: a@b.example\r\n"
                                + "Date: x\r\n"
                                + "To: a\r\n"
                                + "From: c@d.example\r\n"
                                + "DATE: y\r\n"
                                + "to: b"));
        assertEquals(List.of("from-domains"), oddities("From: a@b.example,\r\n c@d.example"));
        assertEquals(List.of(), oddities("From: a@B.example, c@b.example"));
        assertEquals(List.of("from-empty"), oddities("From: nobody:;"));
        assertEquals(List.of("from-empty"), oddities("From:"));
        assertEquals(List.of("from-broken"), oddities("From: a@b.example, <c"));
    }
}
