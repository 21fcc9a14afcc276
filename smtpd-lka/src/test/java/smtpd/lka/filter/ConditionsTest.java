package smtpd.lka.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.FilterConf;
import smtpd.core.conf.FilterConf.Phase;
import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.FilterStart;
import smtpd.core.imsg.FilterSubject;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Entries;
import smtpd.lka.table.MemoryTable;

import java.util.List;

/// The tests of built-in filters: with tables, patterns and negation.
class ConditionsTest {
    private static final Conditions CONDITIONS =
            new Conditions(name -> new MemoryTable(name, '+', () -> Entries.list(entries(name))));

    private static List<String> entries(String table) {
        return switch (table) {
            case "names" -> List.of("*.example.net", "bad.test");
            case "networks" -> List.of("192.0.2.0/24", "2001:db8::/32");
            case "users" -> List.of("joe");
            case "mails" -> List.of("joe@b.test", "@worse.test");
            default -> List.of("^[a-z]+[0-9]", "spam");
        };
    }

    private FilterStart.Ends ends = ends("mx.example.net", Confirmed.PASS, "192.0.2.7");
    private FilterSubject subject = new FilterSubject("helo.example.net", "joe", "joe@b.test");

    private static FilterStart.Ends ends(String name, Confirmed confirmed, String address) {
        return new FilterStart.Ends(name, confirmed, address, address + ":4711", "192.0.2.1:25");
    }

    private Answer test(
            Phase phase, FilterConf.Test kind, boolean negated, String table, String value) {
        FilterConf.Builtin filter =
                new FilterConf.Builtin(
                        "f",
                        phase,
                        new FilterConf.Condition(kind, negated, table.equals("patterns"), table),
                        new FilterConf.Decision(FilterConf.Verb.JUNK, ""));
        return CONDITIONS.test(filter, new Conditions.Case(ends, subject, value));
    }

    /// Holds, and its negation does not; or the other way round.
    private void holds(boolean yes, Phase phase, FilterConf.Test kind, String table, String value) {
        assertEquals(yes, test(phase, kind, false, table, value) instanceof Answer.Found);
        assertEquals(!yes, test(phase, kind, true, table, value) instanceof Answer.Found);
    }

    @Test
    void namesOfClients() {
        holds(true, Phase.CONNECT, FilterConf.Test.RDNS, "", "");
        holds(true, Phase.CONNECT, FilterConf.Test.FCRDNS, "", "");
        holds(true, Phase.CONNECT, FilterConf.Test.RDNS, "names", "");
        holds(false, Phase.CONNECT, FilterConf.Test.RDNS, "patterns", "");
        ends = ends("dsl7.pool.test", Confirmed.FAIL, "192.0.2.7");
        holds(true, Phase.CONNECT, FilterConf.Test.RDNS, "", "");
        holds(false, Phase.CONNECT, FilterConf.Test.FCRDNS, "", "");
        holds(false, Phase.CONNECT, FilterConf.Test.RDNS, "names", "");
        holds(true, Phase.CONNECT, FilterConf.Test.RDNS, "patterns", "");
        ends = ends("<unknown>", Confirmed.FAIL, "192.0.2.7");
        holds(false, Phase.CONNECT, FilterConf.Test.RDNS, "", "");
        holds(false, Phase.CONNECT, FilterConf.Test.RDNS, "names", "");
    }

    @Test
    void dnsThatDoesNotAnswerIsNeitherYesNorNo() {
        ends = ends("<unknown>", Confirmed.ERROR, "192.0.2.7");
        for (boolean negated : List.of(true, false)) {
            for (FilterConf.Test kind : List.of(FilterConf.Test.RDNS, FilterConf.Test.FCRDNS)) {
                assertInstanceOf(Answer.Tempfail.class, test(Phase.CONNECT, kind, negated, "", ""));
            }
        }
    }

    @Test
    void addresses() {
        holds(true, Phase.CONNECT, FilterConf.Test.SRC, "networks", "");
        ends = ends("mx.example.net", Confirmed.PASS, "2001:db8::7");
        holds(true, Phase.EHLO, FilterConf.Test.SRC, "networks", "a");
        ends = ends("mx.example.net", Confirmed.PASS, "198.51.100.7");
        holds(false, Phase.EHLO, FilterConf.Test.SRC, "networks", "a");
    }

    @Test
    @DisplayName("the name a client gives is the one it gives now, or has given before")
    void namesThatClientsGive() {
        holds(true, Phase.EHLO, FilterConf.Test.HELO, "names", "bad.test");
        holds(false, Phase.HELO, FilterConf.Test.HELO, "names", "good.test");
        holds(true, Phase.MAIL_FROM, FilterConf.Test.HELO, "names", "good.test");
        holds(true, Phase.EHLO, FilterConf.Test.HELO, "patterns", "pc7");
    }

    @Test
    void users() {
        holds(true, Phase.MAIL_FROM, FilterConf.Test.AUTH, "", "");
        holds(true, Phase.MAIL_FROM, FilterConf.Test.AUTH, "users", "");
        subject = new FilterSubject("", "ann7", "");
        holds(false, Phase.MAIL_FROM, FilterConf.Test.AUTH, "users", "");
        holds(true, Phase.MAIL_FROM, FilterConf.Test.AUTH, "patterns", "");
        subject = new FilterSubject("", "", "");
        holds(false, Phase.MAIL_FROM, FilterConf.Test.AUTH, "", "");
        holds(false, Phase.MAIL_FROM, FilterConf.Test.AUTH, "users", "");
    }

    @Test
    void sendersAndRecipients() {
        holds(true, Phase.MAIL_FROM, FilterConf.Test.MAIL_FROM, "mails", "x@worse.test");
        holds(false, Phase.MAIL_FROM, FilterConf.Test.MAIL_FROM, "mails", "x@b.test");
        holds(true, Phase.DATA, FilterConf.Test.MAIL_FROM, "mails", "");
        holds(true, Phase.RCPT_TO, FilterConf.Test.MAIL_FROM, "mails", "x@b.test");
        holds(true, Phase.RCPT_TO, FilterConf.Test.RCPT_TO, "mails", "joe+tag@b.test");
        holds(false, Phase.RCPT_TO, FilterConf.Test.RCPT_TO, "mails", "x@b.test");
        holds(true, Phase.RCPT_TO, FilterConf.Test.RCPT_TO, "patterns", "nospam@b.test");
    }
}
