package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Reads `match …`.
final class MatchParser {
    private static final Set<Rule.Kind> FROM =
            EnumSet.range(Rule.Kind.FROM_ANY, Rule.Kind.FROM_RDNS);
    private static final Set<Rule.Kind> FOR =
            EnumSet.range(Rule.Kind.FOR_ANY, Rule.Kind.FOR_DOMAIN);

    private final Tokens tokens;
    private final Draft draft;
    private final TableParser tables;

    MatchParser(Tokens tokens, Draft draft, TableParser tables) {
        this.tokens = tokens;
        this.draft = draft;
        this.tables = tables;
    }

    /// The criteria of one rule while they are read, by kind: at most one of each, at most one
    /// source, at most one destination.
    private static final class Criteria {
        final String owner;
        final Map<Rule.Kind, Rule.Criterion> byKind = new EnumMap<>(Rule.Kind.class);

        Criteria(String owner) {
            this.owner = owner;
        }

        boolean hasAny(Set<Rule.Kind> kinds) {
            return byKind.keySet().stream().anyMatch(kinds::contains);
        }

        void put(Rule.Criterion criterion) {
            byKind.put(criterion.kind(), criterion);
        }

        void put(Rule.Kind kind, boolean negated) {
            put(new Rule.Criterion(kind, negated, false, ""));
        }
    }

    /// `match …`, after the first word.
    void directive(Location where) throws SyntaxError {
        draft.sawMatch = true;
        Criteria criteria = new Criteria("match " + (draft.rules.size() + 1));
        while (criterion(criteria)) {
            // each turn reads one criterion
        }
        String action = "";
        if (!tokens.accept("reject")) {
            tokens.expect("action");
            action = action(tokens.string("an action name"));
        }
        if (!criteria.hasAny(FROM)) {
            criteria.put(Rule.Kind.FROM_LOCAL, false);
        }
        if (!criteria.hasAny(FOR)) {
            criteria.put(Rule.Kind.FOR_LOCAL, false);
        }
        draft.rules.add(new Rule(new ArrayList<>(criteria.byKind.values()), action, where));
    }

    private String action(String name) throws SyntaxError {
        if (!draft.dispatchers.containsKey(name) && !draft.isBroken("action", name)) {
            throw tokens.fail(
                    "no such action: "
                            + name
                            + " (an action is declared before it is used)"
                            + Draft.suggestion(name, draft.dispatchers.keySet()));
        }
        return name;
    }

    private boolean criterion(Criteria criteria) throws SyntaxError {
        boolean negated = tokens.acceptSign("!");
        boolean read =
                source(criteria, negated)
                        || destination(criteria, negated)
                        || session(criteria, negated);
        if (negated && !read) {
            throw tokens.unexpected();
        }
        return read;
    }

    private boolean source(Criteria criteria, boolean negated) throws SyntaxError {
        if (!tokens.accept("from")) {
            return false;
        }
        if (tokens.accept("any")) {
            from(criteria, new Rule.Criterion(Rule.Kind.FROM_ANY, negated, false, ""));
        } else if (tokens.accept("local")) {
            from(criteria, new Rule.Criterion(Rule.Kind.FROM_LOCAL, negated, false, ""));
        } else if (tokens.accept("socket")) {
            from(criteria, new Rule.Criterion(Rule.Kind.FROM_SOCKET, negated, false, ""));
        } else if (tokens.accept("src")) {
            from(criteria, table(criteria, Rule.Kind.FROM_SRC, negated, TableParser.LIST));
        } else if (tokens.accept("rdns")) {
            from(criteria, optionalTable(criteria, Rule.Kind.FROM_RDNS, negated, TableParser.LIST));
        } else if (tokens.accept("auth")) {
            fromAnyAnd(
                    criteria, optionalTable(criteria, Rule.Kind.AUTH, negated, TableParser.LIST));
        } else if (tokens.accept("mail-from")) {
            fromAnyAnd(criteria, table(criteria, Rule.Kind.MAIL_FROM, negated, TableParser.EITHER));
        } else {
            throw tokens.unexpected();
        }
        return true;
    }

    private void from(Criteria criteria, Rule.Criterion criterion) throws SyntaxError {
        if (criteria.hasAny(FROM)) {
            throw tokens.fail("from is already given for this rule");
        }
        criteria.put(criterion);
    }

    /// `from auth` and `from mail-from`: every source, and that criterion, which replaces one given
    /// before.
    private void fromAnyAnd(Criteria criteria, Rule.Criterion criterion) throws SyntaxError {
        from(criteria, new Rule.Criterion(Rule.Kind.FROM_ANY, false, false, ""));
        Rule.Criterion before = criteria.byKind.get(criterion.kind());
        if (before != null && criterion.table().isEmpty()) {
            criteria.put(
                    new Rule.Criterion(
                            criterion.kind(), criterion.negated(), before.regex(), before.table()));
        } else {
            criteria.put(criterion);
        }
    }

    private boolean destination(Criteria criteria, boolean negated) throws SyntaxError {
        if (!tokens.accept("for")) {
            return false;
        }
        if (tokens.accept("any")) {
            to(criteria, new Rule.Criterion(Rule.Kind.FOR_ANY, negated, false, ""));
        } else if (tokens.accept("local")) {
            to(criteria, new Rule.Criterion(Rule.Kind.FOR_LOCAL, negated, false, ""));
        } else if (tokens.accept("domain")) {
            to(criteria, table(criteria, Rule.Kind.FOR_DOMAIN, negated, TableParser.LIST));
        } else if (tokens.accept("rcpt-to")) {
            Rule.Criterion rcpt = table(criteria, Rule.Kind.RCPT_TO, negated, TableParser.EITHER);
            to(criteria, new Rule.Criterion(Rule.Kind.FOR_ANY, false, false, ""));
            criteria.put(rcpt);
        } else {
            throw tokens.unexpected();
        }
        return true;
    }

    private void to(Criteria criteria, Rule.Criterion criterion) throws SyntaxError {
        if (criteria.hasAny(FOR)) {
            throw tokens.fail("for is already given for this rule");
        }
        criteria.put(criterion);
    }

    private boolean session(Criteria criteria, boolean negated) throws SyntaxError {
        Rule.Criterion criterion = sessionCriterion(criteria, negated);
        if (criterion == null) {
            return false;
        }
        if (criteria.byKind.containsKey(criterion.kind())) {
            String word = criterion.kind().name().toLowerCase(Locale.ROOT);
            throw tokens.fail(word.replace('_', '-') + " is already given for this rule");
        }
        criteria.put(criterion);
        return true;
    }

    private Rule.@Nullable Criterion sessionCriterion(Criteria criteria, boolean negated)
            throws SyntaxError {
        if (tokens.accept("tag")) {
            return table(criteria, Rule.Kind.TAG, negated, TableParser.LIST);
        }
        if (tokens.accept("helo")) {
            return table(criteria, Rule.Kind.HELO, negated, TableParser.LIST);
        }
        if (tokens.accept("auth")) {
            return optionalTable(criteria, Rule.Kind.AUTH, negated, TableParser.EITHER);
        }
        if (tokens.accept("tls")) {
            return new Rule.Criterion(Rule.Kind.TLS, negated, false, "");
        }
        if (tokens.accept("mail-from")) {
            return table(criteria, Rule.Kind.MAIL_FROM, negated, TableParser.EITHER);
        }
        if (tokens.accept("rcpt-to")) {
            return table(criteria, Rule.Kind.RCPT_TO, negated, TableParser.EITHER);
        }
        return null;
    }

    private Rule.Criterion optionalTable(
            Criteria criteria, Rule.Kind kind, boolean negated, Set<Draft.Kind> as)
            throws SyntaxError {
        boolean regex = tokens.peek().isKeyword("regex");
        if (!regex && !tables.ahead()) {
            tokens.accept("regex");
            return new Rule.Criterion(kind, negated, false, "");
        }
        return table(criteria, kind, negated, as);
    }

    /// `[regex] <table>`; regular expressions are always a list. OpenSMTPD: mail addresses, and
    /// user names where `from` is not said, may also be the keys of a mapping.
    private Rule.Criterion table(
            Criteria criteria, Rule.Kind kind, boolean negated, Set<Draft.Kind> as)
            throws SyntaxError {
        boolean regex = tokens.accept("regex");
        String word = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
        String table = tables.use(criteria.owner, word, regex ? TableParser.LIST : as);
        return new Rule.Criterion(kind, negated, regex, table);
    }
}
