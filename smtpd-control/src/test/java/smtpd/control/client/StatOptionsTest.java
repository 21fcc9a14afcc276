package smtpd.control.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;

class StatOptionsTest {
    private static StatOptions of(String line) {
        return StatOptions.of(List.of(line.split(" ", -1)));
    }

    @Test
    void optionsMayStandAnywhere() {
        StatOptions options = of("show --since 2h stats --json");
        assertEquals(List.of("show", "stats"), options.words());
        assertEquals(Duration.ofHours(2), options.since());
        assertEquals(true, options.json());
        assertEquals(Duration.ofDays(7), of("show stats --since=1w").since());
    }

    @Test
    void theKeysOfAGraphAreOneWord() {
        assertEquals(List.of("show", "graph", "a b"), of("show graph a b --since 1d").words());
    }

    @Test
    void otherCommandsKeepTheirWords() {
        assertEquals(List.of("encrypt", "--json"), of("encrypt --json").words());
    }

    @Test
    void delaysThatAreNone() {
        for (String text : List.of("", "h", "5", "-5h", "0h", "5x", "99999999999999999999y")) {
            assertThrows(IllegalArgumentException.class, () -> StatOptions.delay(text), text);
        }
    }

    @Test
    void jsonIsEscapedAndNumbersAreNumbers() {
        assertEquals(
                "{\n  \"a\\\"b\": 5,\n  \"uptime.human\": \"5s\",\n  \"z\": -1\n}",
                Json.object(List.of("a\"b=5", "uptime.human=5s", "z=-1")));
    }

    @Test
    void aGraphHasBarsAndSaysWhatIsNotKnown() {
        List<String> answer = List.of("total 0 60", "-", "0", "1", "8");
        List<String> lines = Graph.draw("ok", answer, ZoneOffset.UTC);
        assertEquals("ok: in each 1m, at most 8, 9 altogether", lines.getFirst());
        assertEquals("       8 |   █", lines.get(1));
        assertEquals("       0 |. ██", lines.get(8));
        assertEquals("          00:00:00 00:04:00", lines.get(9));
    }
}
