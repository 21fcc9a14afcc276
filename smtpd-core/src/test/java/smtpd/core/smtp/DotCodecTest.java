package smtpd.core.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.gen.Gen;
import smtpd.core.smtp.DotDecoder.Bare;
import smtpd.core.smtp.DotDecoder.Flaw;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

class DotCodecTest {
    private static final List<String> PIECES =
            List.of(
                    ".",
                    "\r",
                    "\n",
                    "\r\n",
                    "\r\n.",
                    "\r\n..",
                    ".\r\n",
                    "a",
                    "long text without end",
                    "\0",
                    "é",
                    " ",
                    "\t");

    /// What came of decoding a text.
    private record Decoded(String content, boolean done, String rest, Set<Flaw> flaws) {}

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(ByteArrayOutputStream out) {
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private static Decoded decode(String wire, Bare bare, List<Integer> pieces) {
        DotDecoder decoder = new DotDecoder(bare);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] in = bytes(wire);
        int at = 0;
        for (int piece : pieces) {
            if (!decoder.done()) {
                int used = decoder.decode(in, at, piece, out::write);
                assertTrue(used == piece || decoder.done(), "bytes left without an end");
                at += used;
            }
        }
        assertEquals(out.size(), decoder.size());
        Set<Flaw> flaws = EnumSet.noneOf(Flaw.class);
        flaws.addAll(decoder.flaws());
        return new Decoded(text(out), decoder.done(), wire.substring(at), flaws);
    }

    private static Decoded decode(String wire) {
        return decode(wire, Bare.KEEP, List.of(wire.length()));
    }

    private static String encode(String content, List<Integer> pieces) {
        DotEncoder encoder = new DotEncoder();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] in = bytes(content);
        int at = 0;
        for (int piece : pieces) {
            encoder.encode(in, at, piece, out::write);
            at += piece;
        }
        encoder.finish(out::write);
        assertEquals(out.size(), encoder.size());
        return text(out);
    }

    @Test
    void plainMessage() {
        assertEquals(
                new Decoded("a\r\n\r\nb\r\n", true, "QUIT\r\n", Set.of()),
                decode("a\r\n\r\nb\r\n.\r\nQUIT\r\n"));
    }

    @Test
    @DisplayName("F-5 where LF ends a line it does so everywhere, and becomes CRLF")
    void lfMayEndALine() {
        String wire = "a\n\r\n..b\n.x\r\n\nc\r\n.\nQUIT\n";
        for (int length = 1; length <= wire.length(); length++) {
            List<Integer> pieces = new ArrayList<>();
            for (int at = 0; at < wire.length(); at += length) {
                pieces.add(Math.min(length, wire.length() - at));
            }
            assertEquals(
                    new Decoded("a\r\n\r\n.b\r\nx\r\n\r\nc\r\n", true, "QUIT\n", Set.of()),
                    decode(wire, Bare.LF_ENDS, pieces));
        }
        assertEquals("", decode(".\n", Bare.LF_ENDS, List.of(2)).content());
        assertEquals(Set.of(Flaw.BARE_CR), decode("a\rb\n.\r\n", Bare.LF_ENDS, List.of(7)).flaws());
        String longest = "x".repeat(DotDecoder.LINE_MAX);
        assertEquals(
                Set.of(),
                decode(longest + "\n.\n", Bare.LF_ENDS, List.of(longest.length() + 3)).flaws());
        assertEquals(
                Set.of(Flaw.LONG_LINE),
                decode(longest + "x\n.\n", Bare.LF_ENDS, List.of(longest.length() + 4)).flaws());
    }

    @Test
    void emptyMessage() {
        assertEquals(new Decoded("", true, "", Set.of()), decode(".\r\n"));
    }

    @Test
    @DisplayName("F-30 doubled dots lose one, wherever a line begins")
    void dotsAreTakenAway() {
        assertEquals(".\r\n..\r\na.b\r\n", decode("..\r\n...\r\na.b\r\n.\r\n").content());
        assertEquals("x\r\n", decode(".x\r\n.\r\n").content());
    }

    @Test
    @DisplayName("F-26 only CRLF.CRLF ends a message")
    void nothingElseEndsAMessage() {
        for (String end :
                List.of(
                        "\n.\n",
                        "\r\n.\n",
                        "\n.\r\n",
                        "\r.\r",
                        "\r\n.\r",
                        "\r.\r\n",
                        "\r\n.\0\r\n",
                        "\r\n.\r\r\n",
                        "\n\n.\r\n",
                        "\r\r\n.\n",
                        "\r\n.\n\r\n",
                        "\r\n. \r\n",
                        "\r\n\0.\r\n",
                        "\n.\r\r\n")) {
            String wire = "a" + end + "MAIL FROM:<evil@x>\r\n";
            for (Bare bare : List.of(Bare.KEEP, Bare.TO_CRLF)) {
                Decoded decoded = decode(wire, bare, List.of(wire.length()));
                assertFalse(decoded.done(), end);
                assertTrue(decoded.content().contains("MAIL FROM:<evil@x>"), end);
                Decoded ended = decode(wire + ".\r\n", bare, List.of(wire.length() + 3));
                assertTrue(ended.done(), end);
            }
        }
    }

    @Test
    @DisplayName("F-27 bare CR and LF are told, at borders too")
    void bareEndsAreFlaws() {
        assertEquals(Set.of(Flaw.BARE_LF), decode("a\nb\r\n.\r\n").flaws());
        assertEquals(Set.of(Flaw.BARE_CR), decode("a\rb\r\n.\r\n").flaws());
        assertEquals(Set.of(Flaw.BARE_CR), decode("a\r\r\n.\r\n").flaws());
        assertEquals(Set.of(Flaw.BARE_CR), decode(".\rx\r\n.\r\n").flaws());
        assertEquals(Set.of(Flaw.BARE_LF), decode(".\nx\r\n.\r\n").flaws());
        assertEquals("\rx\r\n", decode(".\rx\r\n.\r\n").content());
    }

    @Test
    @DisplayName("F-27 bare CR and LF can be made CRLF")
    void bareEndsAreNormalised() {
        String wire = "a\nb\rc\r\r\n\n.\r\nd\r\n.\r\n";
        Decoded decoded = decode(wire, Bare.TO_CRLF, List.of(wire.length()));
        assertEquals("a\r\nb\r\nc\r\n\r\n\r\n.\r\nd\r\n", decoded.content());
        assertTrue(decoded.done());
    }

    @Test
    @DisplayName("F-28 a NUL is told and cuts nothing")
    void nulIsAFlaw() {
        Decoded decoded = decode("a\0b\r\n.\r\n");
        assertEquals(Set.of(Flaw.NUL), decoded.flaws());
        assertEquals("a\0b\r\n", decoded.content());
    }

    @Test
    @DisplayName("F-29 long lines are told at 998 and 65535 octets, and never cut")
    void longLinesAreFlaws() {
        assertEquals(Set.of(), lineOf(998).flaws());
        assertEquals(Set.of(Flaw.LONG_LINE), lineOf(999).flaws());
        assertEquals(Set.of(Flaw.LONG_LINE), lineOf(65535).flaws());
        assertEquals(Set.of(Flaw.LONG_LINE, Flaw.HUGE_LINE), lineOf(65536).flaws());
        assertEquals(65538, lineOf(65536).content().length());
    }

    private static Decoded lineOf(int length) {
        String wire = "a\r\n".repeat(1000) + "x".repeat(length) + "\r\n.\r\n";
        Decoded decoded = decode(wire, Bare.KEEP, new Gen(length).split(wire.length()));
        return new Decoded(
                decoded.content().substring(3000), decoded.done(), decoded.rest(), decoded.flaws());
    }

    @Test
    @DisplayName("F-30 pieces make no difference to the decoder")
    void decoderIgnoresBorders() {
        Gen.forAll(
                4000,
                gen -> {
                    String wire = gen.run(PIECES, 25) + (gen.oneIn(2) ? "\r\n.\r\nREST" : "");
                    Bare bare = gen.oneIn(2) ? Bare.KEEP : Bare.TO_CRLF;
                    Decoded whole = decode(wire, bare, List.of(wire.length()));
                    Decoded split = decode(wire, bare, gen.split(wire.length()));
                    assertEquals(whole, split, wire);
                    assertEquals(reference(wire), whole.done() ? whole.rest() : null, wire);
                });
    }

    /// What follows the end of the message by the letter of RFC 5321 §4.5.2; null without an end.
    private static @org.jspecify.annotations.Nullable String reference(String wire) {
        int end = ("\r\n" + wire).indexOf("\r\n.\r\n");
        return end < 0 ? null : wire.substring(end + 3);
    }

    @Test
    @DisplayName("F-30 what is encoded decodes to itself, whatever the pieces")
    void roundTrip() {
        Gen.forAll(
                4000,
                gen -> {
                    String content = gen.run(List.of(".", "..", "a", "\r\n", "b.c"), 30) + "\r\n";
                    String wire = encode(content, gen.split(content.length()));
                    Decoded decoded = decode(wire + "X", Bare.KEEP, gen.split(wire.length() + 1));
                    assertEquals(new Decoded(content, true, "X", Set.of()), decoded);
                });
    }

    @Test
    @DisplayName("F-27 the encoder never emits a bare CR or LF, nor an early end")
    void encoderEmitsCrlfOnly() {
        Gen.forAll(
                4000,
                gen -> {
                    String content = gen.run(PIECES, 25);
                    String wire = encode(content, gen.split(content.length()));
                    assertEquals("", wire.replace("\r\n", "").replaceAll("[^\r\n]", ""), content);
                    assertEquals(wire.length() - 3, ("\r\n" + wire).indexOf("\r\n.\r\n"), content);
                });
    }

    @Test
    void encoderEndsTheLastLine() {
        assertEquals(".\r\n", encode("", List.of()));
        assertEquals("a\r\n.\r\n", encode("a", List.of(1)));
        assertEquals("a\r\n.\r\n", encode("a\r", List.of(2)));
        assertEquals("a\r\n..\r\n.\r\n", encode("a\n.", List.of(1, 2)));
        assertEquals("a\r\n..\r\n.\r\n", encode("a\r.", List.of(2, 1)));
    }

    private static Decoded counted(String wire, List<Integer> pieces) {
        DotDecoder decoder = new DotDecoder(Bare.KEEP, DotDecoder.Framing.COUNTED);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] in = bytes(wire);
        int at = 0;
        for (int piece : pieces) {
            at += decoder.decode(in, at, piece, out::write);
        }
        assertEquals(wire.length(), at, "all octets of chunks belong to the message");
        decoder.finish(out::write);
        assertEquals(out.size(), decoder.size());
        Set<Flaw> flaws = EnumSet.noneOf(Flaw.class);
        flaws.addAll(decoder.flaws());
        return new Decoded(text(out), decoder.done(), "", flaws);
    }

    @Test
    @DisplayName("F-26 dots mean nothing in chunks")
    void chunksHaveNoDots() {
        String wire = ".\r\n..\r\n.a\r\n";
        assertEquals(new Decoded(wire, true, "", Set.of()), counted(wire, List.of(wire.length())));
    }

    @Test
    void lastLineOfChunksIsEnded() {
        assertEquals(new Decoded("a\r\n", true, "", Set.of()), counted("a", List.of(1)));
        assertEquals(new Decoded("", true, "", Set.of()), counted("", List.of()));
        assertEquals(Set.of(Flaw.BARE_CR), counted("a\r", List.of(2)).flaws());
    }

    @Test
    @DisplayName("F-30 borders of chunks make no difference")
    void bordersOfChunksMakeNoDifference() {
        Gen.forAll(
                2000,
                gen -> {
                    String wire = gen.run(PIECES, 25);
                    Decoded whole = counted(wire, List.of(wire.length()));
                    assertEquals(whole, counted(wire, gen.split(wire.length())), wire);
                    String bare = wire.replace("\r\n", "");
                    assertEquals(bare.contains("\n"), whole.flaws().contains(Flaw.BARE_LF), wire);
                    assertEquals(bare.contains("\r"), whole.flaws().contains(Flaw.BARE_CR), wire);
                    assertEquals(bare.contains("\0"), whole.flaws().contains(Flaw.NUL), wire);
                });
    }
}
