package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.parent.CommandLine.Mode;

import java.util.List;
import java.util.Map;

class CommandLineTest {
    private static CommandLine parse(String line) throws CommandLine.Bad {
        return CommandLine.parse(line.isEmpty() ? List.of() : List.of(line.split(" ")));
    }

    @ParameterizedTest
    @CsvSource({
        "'', DAEMON",
        "-F, FOREGROUND",
        "-d, DEBUG",
        "-dF, DEBUG",
        "-F -d, DEBUG",
        "-n, CHECK",
        "-dn, CHECK",
        "-n --offline, CHECK_OFFLINE",
        "--offline -nv, CHECK_OFFLINE",
        "-h, HELP",
        "--help, HELP",
        "-V, VERSION",
        "-nV, VERSION"
    })
    void optionsSayWhatToDo(String line, Mode mode) throws CommandLine.Bad {
        assertEquals(mode, parse(line).mode());
    }

    @Test
    void valuesStandWithTheirOptionOrAfterIt() throws CommandLine.Bad {
        CommandLine line =
                parse(
                        "-dvf/etc/other.conf -D a=b=c -Dd= -P mda -Pmta -T imsg -Bqueue=ram"
                                + " --prefix /x");
        assertEquals("/etc/other.conf", line.file());
        assertEquals("/x", line.prefix());
        assertEquals(Map.of("a", "b=c", "d", ""), line.macros());
        assertTrue(line.run().verbose());
        assertEquals(List.of("mda", "mta"), line.run().paused());
        assertEquals(List.of("imsg"), line.run().traces());
        assertEquals(Map.of("queue", "ram"), line.run().backends());
        assertEquals("/y", parse("--prefix=/y").prefix());
        assertNull(parse("-d").file());
    }

    @Test
    void macrosKeepTheirOrder() throws CommandLine.Bad {
        assertEquals(
                List.of("z", "a", "m"), List.copyOf(parse("-Dz=1 -Da=2 -Dm=3").macros().keySet()));
    }

    @Test
    void aFileToConvertIsNamed() throws CommandLine.Bad {
        CommandLine line = parse("--convert old.conf");
        assertEquals(Mode.CONVERT, line.mode());
        assertEquals("old.conf", line.file());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-x",
                "-dx",
                "--nothing",
                "-f",
                "-D",
                "-D novalue",
                "-D =x",
                "-B queue",
                "-P lka",
                "--prefix",
                "word"
            })
    void whatIsNotUnderstoodIsSaid(String line) {
        CommandLine.Bad bad = assertThrows(CommandLine.Bad.class, () -> parse(line));
        assertTrue(String.valueOf(bad.getMessage()).length() > 5);
    }
}
