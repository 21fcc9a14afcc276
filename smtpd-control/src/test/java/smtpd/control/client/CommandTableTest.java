package smtpd.control.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;

class CommandTableTest {
    private static CommandTable.Parsed parse(String words) {
        return CommandTable.parse(words.isEmpty() ? List.of() : List.of(words.split(" ", -1)));
    }

    @ParameterizedTest
    @EnumSource(Verb.class)
    void everyCommandIsFoundByItsWords(Verb verb) {
        String words =
                verb.text()
                        .replace("<evpid>", "0123456789abcdef")
                        .replace("<msgid>", "01234567")
                        .replace("<routeid>", "12")
                        .replace("<delay>", "4h")
                        .replaceAll("<[a-z]+>", "value");
        CommandTable.Parsed.Command command = (CommandTable.Parsed.Command) parse(words);
        assertEquals(verb, command.verb());
    }

    @ParameterizedTest
    @CsvSource({
        "sh q, SHOW_QUEUE",
        "s status, ",
        "sh stats, SHOW_STATS",
        "sh statu, SHOW_STATUS",
        "show hosts, SHOW_HOSTS",
        "show hostst, SHOW_HOSTSTATS",
        "m, MONITOR",
        "rem all, REMOVE_ALL",
        "p s, PAUSE_SMTP",
        "res e all, RESUME_ALL",
        "up t aliases, UPDATE_TABLE",
        "unt imsg, UNTRACE",
        "l v, LOG_VERBOSE",
        "enc, ENCRYPT",
        "ext a b 2d, EXTEND_ALL"
    })
    void wordsMayBeShortenedWhileTheyAreUnique(String words, Verb wanted) {
        CommandTable.Parsed parsed = parse(words);
        assertEquals(wanted, parsed instanceof CommandTable.Parsed.Command it ? it.verb() : null);
    }

    @ParameterizedTest
    @CsvSource({
        "show stat, 'show stats,show status'",
        "pause m, 'pause mda,pause mta,pause mta from <address> for <domain>'",
        "log, 'log brief,log verbose'",
        "remove 123, 'remove <evpid>,remove <msgid>,remove all'",
        "remove 00000000, 'remove <evpid>,remove <msgid>,remove all'",
        "remove 0123456700000000, 'remove <evpid>,remove <msgid>,remove all'",
        "show queue x, 'show queue,show queue <msgid>'",
        "monitor now, monitor"
    })
    void unclearWordsListWhatIsPossible(String words, String possible) {
        assertEquals(
                new CommandTable.Parsed.Unclear(List.of(possible.split(",", -1))), parse(words));
    }

    @Test
    void noWordListsEverything() {
        CommandTable.Parsed.Unclear all = (CommandTable.Parsed.Unclear) parse("");
        assertEquals(Verb.values().length, all.texts().size());
    }

    @Test
    void valuesAreHandedOn() {
        assertEquals(
                new CommandTable.Parsed.Command(Verb.SCHEDULE_MESSAGE, "deadbeef"),
                parse("sched deadbeef"));
        assertEquals(
                new CommandTable.Parsed.Command(Verb.PAUSE_MTA_FROM, "192.0.2.1 *"),
                parse("pause mta from 192.0.2.1 for *"));
        assertEquals(
                new CommandTable.Parsed.Command(Verb.SCHEDULE_DOMAIN, "example.org"),
                parse("schedule domain example.org"));
    }

    @Test
    void aLongerCommandDoesNotHideAShorterOne() {
        assertEquals(new CommandTable.Parsed.Command(Verb.PAUSE_MTA, ""), parse("pause mta"));
    }
}
