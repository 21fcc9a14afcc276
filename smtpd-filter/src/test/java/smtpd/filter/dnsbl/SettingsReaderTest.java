package smtpd.filter.dnsbl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.filter.dnsbl.Entry.Subject;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

class SettingsReaderTest {
    @TempDir Path dir;

    private static Settings read(String... lines) {
        SettingsReader reader = new SettingsReader();
        for (String line : lines) {
            reader.read(line);
        }
        return reader.settings();
    }

    @Test
    void directivesAreRead() {
        Settings settings =
                read(
                        "# lists",
                        "",
                        "list BL.example. score 6 codes 127.0.0.2-11 # all of it",
                        "domains dbl.example in helo,sender untested",
                        "allow wl.example score 4",
                        "reject 10",
                        "junk 5",
                        "header 1",
                        "decide connect",
                        "cache 10 20");
        assertEquals(
                new Entry(
                        "bl.example", Set.of(Subject.ADDRESS), 6, Codes.read("127.0.0.2-11"), true),
                settings.entries().getFirst());
        assertEquals(Set.of(Subject.HELO, Subject.SENDER), settings.entries().get(1).subjects());
        assertFalse(settings.entries().get(1).tested());
        assertEquals(-4, settings.entries().get(2).score());
        assertEquals(new Settings.Thresholds(10, 5, 1), settings.thresholds());
        assertTrue(settings.atConnect());
        assertEquals(20, settings.cache().ttl().toSeconds());
    }

    @Test
    void withoutAThresholdOneListingRejects() {
        assertEquals(1, read("list bl.example").thresholds().reject());
        assertEquals(
                Settings.Thresholds.NEVER, read("list bl.example", "junk 2").thresholds().reject());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lists bl.example",
                "list",
                "list localhost",
                "list 192.0.2.1",
                "list bl.example score",
                "list bl.example score 0",
                "list bl.example score -1",
                "list bl.example score 1001",
                "list bl.example codes 128.0.0.1",
                "list bl.example codes 127.0.0",
                "list bl.example codes 127.0.0.256",
                "list bl.example codes 127.0.0.x",
                "list bl.example codes 127.0.0.2,",
                "list bl.example in helo",
                "list bl.example wish",
                "domains bl.example in address",
                "reject",
                "reject many",
                "decide data",
                "exempt 192.0.2.0/33",
                "exempt name.example",
                "cache 10",
                "reject 1 2"
            })
    void whatIsWrongIsRefused(String line) {
        SettingsReader reader = new SettingsReader();
        assertThrows(IllegalArgumentException.class, () -> reader.read(line));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "127.0.0.2,          127.0.0.2,     true",
                "127.0.0.2,          127.0.0.3,     false",
                "127.0.0.2-4,        127.0.0.4,     true",
                "127.0.0.2-4,        127.0.0.5,     false",
                "127.0.*.1-3,        127.0.77.3,    true",
                "127.0.0.&8,         127.0.0.10,    true",
                "127.0.0.&8,         127.0.0.7,     false",
                "\"127.0.0.2,127.0.1.*\", 127.0.1.9, true"
            })
    void codesFitOrDoNot(String codes, String address, boolean fits) {
        assertEquals(fits, Codes.read(codes).count(address));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24,    192.0.2.255,  true",
        "192.0.2.0/24,    192.0.3.0,    false",
        "192.0.2.128/25,  192.0.2.127,  false",
        "192.0.2.1,       192.0.2.1,    true",
        "2001:db8::/33,   2001:db8:7fff::1, true",
        "2001:db8::/33,   2001:db8:8000::1, false",
        "0.0.0.0/0,       192.0.2.1,    true",
        "0.0.0.0/0,       2001:db8::1,  false"
    })
    void networksContainOrDoNot(String network, String address, boolean contains) {
        assertEquals(contains, Network.read(network).contains(InetAddress.ofLiteral(address)));
    }

    private String errors(String... arguments) throws IOException {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        try (PrintStream print = new PrintStream(errors, true, StandardCharsets.UTF_8)) {
            assertEquals(1, Main.run(arguments, print));
        }
        return errors.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theCommandLineIsChecked() throws IOException {
        Path file = Files.writeString(dir.resolve("dnsbl"), "list bl.example\n\nreject no\n");
        assertEquals(
                "filter-dnsbl: " + file + ":3: a score is 1 to 1000000, not no\n",
                errors("-n", "-f", file.toString()));
        assertTrue(errors("-x").startsWith("filter-dnsbl: usage: "));
        assertTrue(errors("-f").startsWith("filter-dnsbl: usage: "));
        assertEquals("filter-dnsbl: no list is named\n", errors());
        assertEquals(0, Main.run(new String[] {"-n", "-o", "junk 1", "bl.example"}, System.err));
    }

    @Test
    void theFileOfTheManualIsOne() throws IOException {
        String manual = Files.readString(Path.of("../doc/man/filter-dnsbl.8"));
        String file = manual.substring(manual.indexOf("That file:"));
        String text = file.substring(file.indexOf("indent\n") + 7, file.indexOf(".Ed\n"));
        Settings settings = read(text.split("\n"));
        assertEquals(5, settings.entries().size());
        assertEquals(new Settings.Thresholds(6, 4, 1), settings.thresholds());
    }
}
