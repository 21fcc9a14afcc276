package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.core.conf.ConfParser;
import smtpd.core.conf.ConfResult;
import smtpd.core.conf.Config;
import smtpd.core.conf.OfflineEnvironment;
import smtpd.core.proc.Paths;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The parent's small pure parts.
class SmallPartsTest {
    @Test
    @DisplayName("F-74: a process that keeps dying is restarted ever later, never given up")
    void backoffDoublesToItsLimit() {
        List<Long> waits = new ArrayList<>();
        Duration wait = Duration.ZERO;
        for (int i = 0; i < 12; i++) {
            wait = Backoff.next(wait, Duration.ofMillis(10));
            waits.add(wait.toMillis());
        }
        assertEquals(
                List.of(
                        50L, 100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 12_800L, 25_600L, 30_000L,
                        30_000L),
                waits);
        assertEquals(Backoff.FIRST, Backoff.next(Backoff.MAX, Backoff.SETTLED));
    }

    @Test
    void nameServersAreReadAsTheResolverReadsThem() {
        assertEquals(
                List.of("192.0.2.1", "2001:db8::1", "127.0.0.1:5353"),
                NameServers.parse(
                        List.of(
                                "# nameserver 192.0.2.9",
                                "search example.org",
                                "nameserver\t192.0.2.1",
                                "  nameserver 2001:db8::1 # trailing",
                                "nameserver",
                                "nameserver 127.0.0.1:5353",
                                "nameserver 192.0.2.4")));
        assertEquals(List.of("127.0.0.1"), NameServers.parse(List.of()));
        assertEquals(List.of("127.0.0.1"), NameServers.read(Path.of("/nowhere/resolv.conf")));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1,",
        "192.0.2.1:5353, 5353",
        "2001:db8::1,",
        "[2001:db8::1]:53, 53",
        "[2001:db8::1],",
        "192.0.2.1:x,"
    })
    void aNameServerMayNameAPort(String server, @org.jspecify.annotations.Nullable Integer port) {
        assertEquals(Optional.ofNullable(port), NameServers.port(server));
    }

    private static Config config(String text) {
        ConfResult result =
                ConfParser.parse(
                        "smtpd.conf", text, Map.of(), new OfflineEnvironment("mail.example.org"));
        assertEquals(List.of(), result.errors());
        Config config = result.config();
        assertNotNull(config);
        return config;
    }

    @Test
    void mtaMayConnectToTheUsualPortsAndThoseOfRelayHosts() {
        assertEquals(
                Set.of(25, 465, 587, 24, 443),
                RelayPorts.of(config("action a relay\nmatch from any for any action a\n")));
        assertEquals(
                Set.of(25, 465, 587, 24, 2525),
                RelayPorts.of(
                        config(
                                """
                                action a relay host smtp://relay.example.org:2525
                                match from any for any action a
                                """)));
    }

    @Test
    void hostsInATableOfItsOwnMayNameAnyPort() {
        assertEquals(
                65_535,
                RelayPorts.of(
                                config(
                                        """
                                        table hosts file:/etc/mail/hosts
                                        action a relay host <hosts>
                                        match from any for any action a
                                        """))
                        .size());
    }

    @ParameterizedTest
    @CsvSource({
        "smtp://h.example.org:26, 26",
        "lmtp://[2001:db8::1]:24/, 24",
        "h.example.org:0,",
        "h.example.org:65536,",
        "h.example.org,"
    })
    void aDestinationMayNameAPort(
            String destination, @org.jspecify.annotations.Nullable Integer port) {
        assertEquals(Optional.ofNullable(port), RelayPorts.ofDestination(destination));
    }

    @Test
    void mailPlacesAreTheFixedBeginningsOfMaildirs(@TempDir Path base) throws IOException {
        Files.createDirectories(base.resolve("store/deep"));
        Config config =
                config(
                        "action a maildir \"%s/store/%%{user.username}/x\"\n".formatted(base)
                                + "action b maildir \"%s/store/deep/not/yet\"\n".formatted(base)
                                + "action c maildir \"%s/nowhere/at/all\"\n".formatted(base)
                                + "match for local action a\n"
                                + "match for domain b.example action b\n"
                                + "match for domain c.example action c\n");
        List<Path> places = MailPlaces.of(config, Paths.below(base));
        assertTrue(places.contains(base.resolve("store")), places::toString);
        assertTrue(places.contains(base.resolve("store/deep")), places::toString);
        assertTrue(places.contains(base), places::toString);
        assertTrue(places.stream().allMatch(Files::isDirectory));
        assertFalse(places.contains(Path.of("/")), places::toString);
    }

    private static String lastLine(String... pieces) {
        LastLine lastLine = new LastLine();
        for (String piece : pieces) {
            byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
            lastLine.add(bytes, bytes.length);
        }
        return lastLine.text();
    }

    @Test
    void theLastLineThatSaysSomethingCounts() {
        assertEquals("", lastLine());
        assertEquals("two", lastLine("one\ntwo\n\n  \n"));
        assertEquals("second", lastLine("first\nsec", "ond"));
        assertEquals(LastLine.LINE_MAX, lastLine("x".repeat(10_000)).length());
    }

    @Test
    @DisplayName("F-84: what a command prints cannot forge a line")
    void theLastLineIsPrintable() {
        String line = lastLine("evil\r\u001b[31m\u0000 red\n");
        assertTrue(line.chars().allMatch(c -> c >= ' ' && c < 0x7f), line);
        assertTrue(line.startsWith("evil"), line);
    }

    @ParameterizedTest
    @CsvSource({
        "fatal: it is over, 19",
        "warn: it is odd, 20",
        "debug: it is, 23",
        "info: smtpd ready, 22",
        "0000000000000001 smtp connected, 22"
    })
    void syslogSeverityFollowsTheWordInFront(String line, int priority) {
        assertEquals(
                "<" + priority + ">smtpd[" + ProcessHandle.current().pid() + "]: " + line,
                LogSink.message(line));
    }

    @Test
    void theWitnessIsMadeOnceOutsideOfTheSpool(@TempDir Path folder) throws IOException {
        Path spool = Files.createDirectories(folder.resolve("spool/smtpd"));
        Path witness = folder.resolve("witness");
        Directories.witness(witness, spool, null);
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(witness)));
        Files.writeString(witness, "kept");
        Directories.witness(witness, spool, null);
        assertEquals("kept", Files.readString(witness));
        Path link = Files.createSymbolicLink(folder.resolve("link"), spool);
        for (Path wrong :
                List.of(
                        spool.resolve("witness"),
                        link.resolve("witness"),
                        folder.resolve("nowhere/witness"),
                        spool)) {
            IOException e =
                    assertThrows(IOException.class, () -> Directories.witness(wrong, spool, null));
            assertTrue(String.valueOf(e.getMessage()).contains(wrong.toString()), e::toString);
        }
    }
}
