package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.sys.UnixDatagrams;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

class LogRelayTest {
    private static final InstantSource NOON =
            InstantSource.fixed(Instant.parse("2026-11-22T12:00:00.5Z"));

    @TempDir private Path folder;
    private final List<String> taken = new ArrayList<>();
    private boolean blocked;

    private LogRelay relay() {
        return new LogRelay(
                line -> !blocked && taken.add(line), new LogSpill(folder.resolve("spill"), NOON));
    }

    @Test
    @DisplayName("F-83: what the system log does not take is kept in a file, counted, and told")
    void blockedLogSpillsToDisk() throws IOException {
        LogRelay relay = relay();
        relay.line("info: one");
        assertFalse(Files.exists(folder.resolve("spill")));
        blocked = true;
        relay.line("1 mta delivery evpid=2 result=\"Ok\"");
        relay.line("debug: how it went");
        relay.line("2 smtp authentication user=a result=permfail");
        blocked = false;
        relay.line("info: two");
        relay.line("info: three");
        assertEquals(
                List.of(
                        "info: one",
                        "info: two",
                        "warn: log: 3 lines not taken by the system log, 2 of them kept in "
                                + folder.resolve("spill"),
                        "info: three"),
                taken);
        assertEquals(
                List.of(
                        "2026-11-22T12:00:00Z 1 mta delivery evpid=2 result=\"Ok\"",
                        "2026-11-22T12:00:00Z 2 smtp authentication user=a result=permfail"),
                Files.readAllLines(folder.resolve("spill")));
        assertEquals(
                PosixFilePermissions.fromString("rw-------"),
                Files.getPosixFilePermissions(folder.resolve("spill")));
    }

    @Test
    @DisplayName("F-83: the file is bounded; what it does not take is counted as well")
    void spillIsBounded() throws IOException {
        LogRelay relay = relay();
        blocked = true;
        String line = "x".repeat(7000);
        int lines = (int) (LogSpill.BYTES_MAX / 7000) + 100;
        for (int i = 0; i < lines; i++) {
            relay.line(line);
        }
        long size = Files.size(folder.resolve("spill"));
        assertTrue(size <= LogSpill.BYTES_MAX && size > LogSpill.BYTES_MAX - 8000);
        blocked = false;
        relay.line("info: back");
        long kept = size / 7022;
        assertTrue(
                taken.getLast().startsWith("warn: log: " + lines + " lines not taken")
                        && taken.getLast().contains(" " + kept + " of them"),
                taken.getLast());
    }

    @Test
    @DisplayName(
            "F-83: with no file to keep them in, lines are counted, and nothing follows a link")
    void noFileToKeepThemIn() throws IOException {
        Path target = Files.writeString(folder.resolve("precious"), "");
        Files.createSymbolicLink(folder.resolve("spill"), target);
        LogRelay relay = relay();
        blocked = true;
        relay.line("info: one");
        blocked = false;
        relay.line("info: two");
        assertEquals(0, Files.size(target));
        assertTrue(taken.getLast().contains("1 lines not taken by the system log, 0 of them"));
    }

    @Test
    @DisplayName("F-83: with a log service that is dead lines are kept")
    void deadService() throws IOException {
        Path socket = folder.resolve("log");
        try (UnixDatagrams log = UnixDatagrams.to(socket.toString())) {
            LogRelay relay =
                    new LogRelay(
                            line -> log.send(line.getBytes(StandardCharsets.UTF_8)),
                            new LogSpill(folder.resolve("spill"), NOON));
            relay.line("info: nobody is there");
            assertEquals(1, Files.readAllLines(folder.resolve("spill")).size());
        }
    }

    @Test
    void linesAreTakenApartAndBounded() {
        String text = "one\n\ntwo\n" + "y".repeat(3 * LogRelay.LINE_MAX) + "\nthree\nunended";
        relay().run(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        assertEquals(List.of("one", "two", "y".repeat(LogRelay.LINE_MAX), "three"), taken);
    }
}
