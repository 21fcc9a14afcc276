package smtpd.e2e.tables;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.conf.ConfParser;
import smtpd.core.conf.ConfResult;
import smtpd.core.conf.OfflineEnvironment;
import smtpd.core.conf.TableConf;
import smtpd.core.sys.FdSocket;
import smtpd.core.table.SqliteConf;
import smtpd.core.table.TableText;
import smtpd.lka.table.Tables;
import smtpd.lka.table.UnavailableTable;
import smtpd.lka.table.proc.ProgramStarter;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The examples of table(5) and smtpd-tables(7) are what they say they are.
class TableManualTest {
    @TempDir Path dir;

    private static List<String> displays(String page) throws IOException {
        List<String> displays = new ArrayList<>();
        String[] parts = Files.readString(Path.of("../doc/man", page)).split("(?m)^\\.Bd .*\n", -1);
        for (int i = 1; i < parts.length; i++) {
            displays.add(parts[i].substring(0, parts[i].indexOf(".Ed\n")));
        }
        return displays;
    }

    private static void isConfiguration(String text) {
        ConfResult result =
                ConfParser.parse(
                        "manual",
                        text + "match reject\n",
                        Map.of(),
                        new OfflineEnvironment("mx.example.org"));
        assertEquals(List.of(), result.errors(), text);
    }

    /// Each line of a synopsis is a directive of its own.
    private static void isSynopsis(String text) {
        text.lines().forEach(line -> isConfiguration(line + "\n"));
    }

    private void isPasswd(String text) throws IOException {
        Path file = Files.writeString(dir.resolve("passwd"), text);
        Tables tables =
                Tables.open(
                        List.of(new TableConf.BackendTable("t", "passwd", file.toString())),
                        new Tables.Needs(
                                '+',
                                new UnavailableTable("users", "none"),
                                complaint -> {},
                                new Nobody(),
                                InstantSource.system()));
        assertEquals(List.of(), tables.troubles(), text);
    }

    private record Nobody() implements ProgramStarter {
        @Override
        public FdSocket start(String table) throws IOException {
            throw new IOException("no programs here");
        }

        @Override
        public void end(String table) {}
    }

    private void check(String text) throws IOException, TableText.Malformed {
        if (text.startsWith("table ")) {
            if (text.contains("action ")) {
                isConfiguration(text);
            } else {
                isSynopsis(text);
            }
        } else if (text.startsWith("dbpath ")) {
            Path file = Files.writeString(dir.resolve("sqlite.conf"), text);
            SqliteConf conf = SqliteConf.read(file);
            assertEquals(List.of(), conf.unknown());
            assertEquals(4, conf.queries().size());
        } else if (text.contains("{BLF-CRYPT}") || text.contains(":gecos:")) {
            isPasswd(text);
        } else {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            TableText.Kind kind =
                    TableText.read(new ByteArrayInputStream(bytes), (key, value) -> {});
            assertTrue(kind != TableText.Kind.UNKNOWN, text);
        }
    }

    @Test
    void examplesOfTheTablePageAreTables() throws IOException, TableText.Malformed {
        List<String> displays = displays("table.5");
        for (String display : displays) {
            check(display);
        }
        assertTrue(displays.size() > 5, "examples are found");
    }

    @Test
    void configurationsOfTheProgramPageAreAccepted() throws IOException, TableText.Malformed {
        int found = 0;
        for (String display : displays("smtpd-tables.7")) {
            if (display.startsWith("table ")) {
                check(display);
                found++;
            }
        }
        assertEquals(2, found);
    }
}
