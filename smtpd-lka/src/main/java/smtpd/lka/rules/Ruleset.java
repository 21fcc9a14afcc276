package smtpd.lka.rules;

import smtpd.core.conf.Rule;
import smtpd.core.imsg.TableService;
import smtpd.core.mail.MailAddr;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Tables;

import java.util.List;

/// The `match` directives in order; the first whose criteria all hold decides.
///
/// A criterion ends as yes, no, or not now. The first "no" leaves the rule, the first "not now"
/// ends the evaluation: a table that cannot answer is never "no match". Negation turns yes and no
/// around, with two exceptions that are "no" either way: a rule for the socket or for any reverse
/// name tested against an internal envelope, and a reverse name of a client that has none
/// (OpenSMTPD: ruleset.c; `match tls` there always ends as not now).
public final class Ruleset {
    /// A client without a reverse name.
    private static final String UNKNOWN = "<unknown>";

    /// The source of internal envelopes and of the socket.
    private static final String LOCAL = "local";

    private final List<Rule> rules;
    private final LocalNames localNames;
    private final Tables tables;

    private sealed interface Test {
        record Yes() implements Test {}

        record No() implements Test {}

        /// No, negated or not.
        record NeverMind() implements Test {}

        record NotNow(String reason) implements Test {}

        static Test of(boolean holds) {
            return holds ? new Yes() : new No();
        }
    }

    /// @param rules in order
    /// @param localNames the meaning of `local`
    /// @param tables what criteria name
    public Ruleset(List<Rule> rules, LocalNames localNames, Tables tables) {
        this.rules = List.copyOf(rules);
        this.localNames = localNames;
        this.tables = tables;
    }

    /// The verdict about an envelope.
    public Verdict match(Subject subject) {
        for (Rule rule : rules) {
            switch (holds(rule, subject)) {
                case Test.Yes _ -> {
                    return rule.rejects() ? new Verdict.Rejected(rule) : new Verdict.Matched(rule);
                }
                case Test.NotNow(String reason) -> {
                    return new Verdict.Tempfail(reason);
                }
                case Test.No _, Test.NeverMind _ -> {}
            }
        }
        return new Verdict.NoMatch();
    }

    private Test holds(Rule rule, Subject subject) {
        for (Rule.Criterion criterion : rule.criteria()) {
            Test result = negate(criterion, test(criterion, subject));
            if (!(result instanceof Test.Yes)) {
                return result;
            }
        }
        return new Test.Yes();
    }

    private static Test negate(Rule.Criterion criterion, Test result) {
        if (!criterion.negated()) {
            return result;
        }
        return switch (result) {
            case Test.Yes _ -> new Test.No();
            case Test.No _ -> new Test.Yes();
            case Test.NeverMind _, Test.NotNow _ -> result;
        };
    }

    private Test test(Rule.Criterion criterion, Subject subject) {
        return switch (criterion.kind()) {
            case TAG -> ask(criterion, TableService.STRING, subject.origin().tag());
            case FROM_ANY, FOR_ANY -> new Test.Yes();
            case FROM_LOCAL ->
                    Test.of(subject.internal() || localNames.isAddress(subject.origin().address()));
            case FROM_SOCKET ->
                    subject.internal()
                            ? new Test.NeverMind()
                            : Test.of(subject.origin().address().equals(LOCAL));
            case FROM_SRC ->
                    ask(
                            criterion,
                            TableService.NETADDR,
                            subject.internal() ? LOCAL : subject.origin().address());
            case FROM_RDNS -> fromRdns(criterion, subject);
            case FOR_LOCAL -> Test.of(localNames.isName(subject.dest().domain()));
            case FOR_DOMAIN -> domain(criterion, subject.dest());
            case HELO -> ask(criterion, TableService.DOMAIN, subject.origin().helo());
            case AUTH -> auth(criterion, subject);
            case TLS -> Test.of(subject.origin().flags().tls());
            case MAIL_FROM -> address(criterion, subject.sender());
            case RCPT_TO -> address(criterion, subject.dest());
        };
    }

    private Test fromRdns(Rule.Criterion criterion, Subject subject) {
        if (subject.internal()) {
            return criterion.table().isEmpty()
                    ? new Test.NeverMind()
                    : ask(criterion, TableService.DOMAIN, LOCAL);
        }
        String name = subject.origin().hostName();
        if (name.isEmpty() || name.equals(UNKNOWN)) {
            return new Test.NeverMind();
        }
        return criterion.table().isEmpty()
                ? new Test.Yes()
                : ask(criterion, TableService.DOMAIN, name);
    }

    private Test auth(Rule.Criterion criterion, Subject subject) {
        if (!subject.origin().flags().authenticated()) {
            return new Test.No();
        }
        if (criterion.table().isEmpty()) {
            return new Test.Yes();
        }
        String user = subject.origin().userName();
        return ask(
                criterion,
                user.indexOf('@') >= 0 ? TableService.MAILADDR : TableService.STRING,
                user);
    }

    /// Tables are asked for A-labels; a regular expression sees what was written.
    private Test domain(Rule.Criterion criterion, MailAddr address) {
        MailAddr asked = criterion.regex() ? address : address.withAsciiDomain();
        return ask(criterion, TableService.DOMAIN, asked.domain());
    }

    private Test address(Rule.Criterion criterion, MailAddr address) {
        MailAddr asked = criterion.regex() ? address : address.withAsciiDomain();
        return ask(criterion, TableService.MAILADDR, text(asked));
    }

    /// The address as a table sees it; the null sender is `@` (OpenSMTPD: the same).
    private static String text(MailAddr address) {
        return address.user() + "@" + address.domain();
    }

    private Test ask(Rule.Criterion criterion, TableService service, String key) {
        TableService kind = criterion.regex() ? TableService.REGEX : service;
        return switch (tables.find(criterion.table()).check(kind, key)) {
            case Answer.Found _ -> new Test.Yes();
            case Answer.NotFound _ -> new Test.No();
            case Answer.Tempfail(String reason) -> new Test.NotNow(reason);
        };
    }
}
