package smtpd.lka.filter;

import smtpd.core.conf.FilterConf;
import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.FilterStart;
import smtpd.core.imsg.FilterSubject;
import smtpd.core.imsg.TableService;
import smtpd.lka.dns.MailDns;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Table;

import java.util.function.Function;

/// The tests of built-in filters. May block where a table does.
///
/// @param tables finds a table by its name
record Conditions(Function<String, Table> tables) {
    /// What a test is made of.
    ///
    /// @param ends the two ends of the session
    /// @param subject what is known of the client
    /// @param value the argument of the command
    record Case(FilterStart.Ends ends, FilterSubject subject, String value) {}

    /// Whether a test asks no table.
    static boolean isImmediate(FilterConf.Condition condition) {
        return condition.table().isEmpty();
    }

    /// The outcome of a test, negation included.
    Answer test(FilterConf.Builtin filter, Case it) {
        FilterConf.Condition condition = filter.condition();
        Answer plain = plain(filter.phase(), condition, it);
        if (!condition.negated()) {
            return plain;
        }
        return switch (plain) {
            case Answer.Found _ -> Answer.NOT_FOUND;
            case Answer.NotFound _ -> yes(true);
            case Answer.Tempfail _ -> plain;
        };
    }

    private static Answer yes(boolean holds) {
        return holds ? new Answer.Found("") : Answer.NOT_FOUND;
    }

    private Answer plain(FilterConf.Phase phase, FilterConf.Condition condition, Case it) {
        return switch (condition.kind()) {
            case FCRDNS -> confirmed(it.ends());
            case RDNS -> rdns(condition, it.ends());
            case SRC -> ask(condition, TableService.NETADDR, it.ends().address());
            case HELO -> ask(condition, TableService.DOMAIN, helo(phase, it));
            case AUTH -> auth(condition, it.subject().user());
            case MAIL_FROM -> ask(condition, TableService.MAILADDR, sender(phase, it));
            case RCPT_TO -> ask(condition, TableService.MAILADDR, it.value());
        };
    }

    /// DNS that did not answer is neither yes nor no.
    private static Answer confirmed(FilterStart.Ends ends) {
        return switch (ends.confirmed()) {
            case PASS -> yes(true);
            case FAIL -> yes(false);
            case ERROR -> new Answer.Tempfail("DNS did not answer");
        };
    }

    private Answer rdns(FilterConf.Condition condition, FilterStart.Ends ends) {
        boolean named = !ends.name().isEmpty() && !ends.name().equals(MailDns.UNKNOWN);
        if (!named && ends.confirmed() == Confirmed.ERROR) {
            return new Answer.Tempfail("DNS did not answer");
        }
        if (condition.table().isEmpty()) {
            return yes(named);
        }
        return named ? ask(condition, TableService.DOMAIN, ends.name()) : yes(false);
    }

    private Answer auth(FilterConf.Condition condition, String user) {
        if (condition.table().isEmpty()) {
            return yes(!user.isEmpty());
        }
        return user.isEmpty() ? yes(false) : ask(condition, TableService.STRING, user);
    }

    /// The name being given now, or the one given before.
    private static String helo(FilterConf.Phase phase, Case it) {
        boolean now = phase == FilterConf.Phase.HELO || phase == FilterConf.Phase.EHLO;
        return now ? it.value() : it.subject().helo();
    }

    private static String sender(FilterConf.Phase phase, Case it) {
        return phase == FilterConf.Phase.MAIL_FROM ? it.value() : it.subject().sender();
    }

    private Answer ask(FilterConf.Condition condition, TableService service, String key) {
        TableService kind = condition.regex() ? TableService.REGEX : service;
        return tables.apply(condition.table()).check(kind, key);
    }
}
