package smtpd.smtp.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.smtp.proxy.ProxyHeader.Point;
import smtpd.smtp.proxy.ProxyHeader.Result;
import smtpd.smtp.proxy.ProxyHeader.Version;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;

class ProxyHeaderTest {
    private static final Set<Version> BOTH = EnumSet.allOf(Version.class);
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static Result read(byte[] bytes, Set<Version> versions) {
        try {
            return ProxyHeader.read(new ByteArrayInputStream(bytes), versions);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Result text(String line) {
        return read((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1), BOTH);
    }

    private static Result binary(String hex) {
        return read(HexFormat.of().parseHex(SIGNATURE + hex), BOTH);
    }

    private static Point point(String address, int port) {
        return new Point(InetAddress.ofLiteral(address), port);
    }

    @Test
    void lineOfText() {
        assertEquals(
                new Result.Announced(point("192.0.2.1", 65535), point("198.51.100.1", 25)),
                text("PROXY TCP4 192.0.2.1 198.51.100.1 65535 25"));
        assertEquals(
                new Result.Announced(point("2001:db8::1", 1), point("2001:db8::2", 0)),
                text("PROXY TCP6 2001:db8::1 2001:db8::2 1 0"));
        assertEquals(new Result.Own(), text("PROXY UNKNOWN"));
        assertEquals(new Result.Own(), text("PROXY UNKNOWN whatever it is"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY",
                "PROXY TCP4",
                "PROXYTCP4 192.0.2.1 198.51.100.1 1 25",
                "PROXY TCP4 192.0.2.1 198.51.100.1 1",
                "PROXY TCP4 192.0.2.1 198.51.100.1 1 25 ",
                "PROXY TCP4  192.0.2.1 198.51.100.1 1 25",
                "PROXY TCP4 2001:db8::1 2001:db8::2 1 25",
                "PROXY TCP6 192.0.2.1 198.51.100.1 1 25",
                "PROXY TCP4 192.0.2.256 198.51.100.1 1 25",
                "PROXY TCP4 host.example 198.51.100.1 1 25",
                "PROXY TCP4 192.0.2.1 198.51.100.1 65536 25",
                "PROXY TCP4 192.0.2.1 198.51.100.1 -1 25",
                "PROXY TCP4 192.0.2.1 198.51.100.1 01 25",
                "PROXY UDP4 192.0.2.1 198.51.100.1 1 25",
                "POST / HTTP/1.1",
                "EHLO client.example"
            })
    @DisplayName("F-25 lines that are no header")
    void badLines(String line) {
        assertInstanceOf(Result.Malformed.class, text(line));
    }

    @Test
    @DisplayName("F-25 a line without an end is not read for long")
    void endlessLine() throws IOException {
        ByteArrayInputStream in =
                new ByteArrayInputStream(
                        ("PROXY UNKNOWN " + "x".repeat(5000))
                                .getBytes(StandardCharsets.ISO_8859_1));
        assertInstanceOf(Result.Malformed.class, ProxyHeader.read(in, BOTH));
        assertEquals(5014 - 107, in.available());
        assertInstanceOf(
                Result.Malformed.class,
                read("PROXY UNKNOWN\n".getBytes(StandardCharsets.ISO_8859_1), BOTH));
    }

    @Test
    void binaryForms() {
        assertEquals(
                new Result.Announced(point("192.0.2.1", 258), point("198.51.100.1", 25)),
                binary("2111000c" + "c0000201" + "c6336401" + "0102" + "0019"));
        String six = "20010db8000000000000000000000001" + "20010db8000000000000000000000002";
        assertEquals(
                new Result.Announced(point("2001:db8::1", 258), point("2001:db8::2", 25)),
                binary("21210024" + six + "0102" + "0019"));
        assertEquals(new Result.Own(), binary("20000000"));
        assertEquals(new Result.Own(), binary("2011000c" + "00".repeat(12)));
        assertEquals(new Result.Own(), binary("21000000"));
        assertEquals(new Result.Own(), binary("213100d8" + "00".repeat(216)));
    }

    @Test
    void mappedAddressesAreOfIpv4() {
        String mapped = "00000000000000000000ffffc0000201";
        Result.Announced announced =
                assertInstanceOf(
                        Result.Announced.class, binary("21210024" + mapped + mapped + "01020019"));
        assertEquals("192.0.2.1", announced.client().address().getHostAddress());
    }

    @Test
    void extensionsAreSkippedAndNothingElse() throws IOException {
        byte[] header =
                HexFormat.of()
                        .parseHex(
                                SIGNATURE
                                        + "21110013"
                                        + "c0000201c633640101020019"
                                        + "04000411223344");
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(header);
        all.writeBytes("EHLO".getBytes(StandardCharsets.ISO_8859_1));
        ByteArrayInputStream in = new ByteArrayInputStream(all.toByteArray());
        assertInstanceOf(Result.Announced.class, ProxyHeader.read(in, BOTH));
        assertEquals("EHLO", new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @CsvSource({
        "2111000b, 11",
        "21210023, 35",
        "213100d7, 215",
        "2111ffff, 12",
        "21110ff1, 4081",
        "1111000c, 12",
        "2211000c, 12",
        "2112000c, 12",
        "2141000c, 12",
        "2111000c, 11"
    })
    @DisplayName("F-25 binary headers that are too short, too long, or of nothing known")
    void badBinary(String head, int octets) {
        assertInstanceOf(Result.Malformed.class, binary(head + "00".repeat(octets)));
    }

    @Test
    @DisplayName("F-25 a form that the listener does not take is none")
    void onlyTheConfiguredForm() {
        byte[] line = "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.ISO_8859_1);
        byte[] local = HexFormat.of().parseHex(SIGNATURE + "20000000");
        assertEquals(new Result.Own(), read(line, EnumSet.of(Version.TEXT)));
        assertInstanceOf(Result.Malformed.class, read(line, EnumSet.of(Version.BINARY)));
        assertEquals(new Result.Own(), read(local, EnumSet.of(Version.BINARY)));
        assertInstanceOf(Result.Malformed.class, read(local, EnumSet.of(Version.TEXT)));
        assertInstanceOf(Result.Malformed.class, read(new byte[0], BOTH));
    }

    @Test
    @DisplayName("F-25 no bytes make the reader throw")
    void anyBytes() {
        Random random = new Random(4711);
        byte[] good = HexFormat.of().parseHex(SIGNATURE + "2111000c" + "c0000201c633640101020019");
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            assertInstanceOf(Result.class, read(bytes, BOTH));
        }
    }
}
