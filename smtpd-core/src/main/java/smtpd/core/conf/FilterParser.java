package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Reads `proc …`, `filter …`, and the places where a filter is used.
final class FilterParser {
    private final Tokens tokens;
    private final Draft draft;
    private final TableParser tables;

    FilterParser(Tokens tokens, Draft draft, TableParser tables) {
        this.tokens = tokens;
        this.draft = draft;
        this.tables = tables;
    }

    /// `proc NAME CMD …`, after the first word.
    void proc() throws SyntaxError {
        String name = tokens.string("a program name");
        Location where = tokens.last();
        try {
            String command = tokens.string("a command");
            if (draft.procs.containsKey(name)) {
                throw tokens.fail("proc \"" + name + "\" is already declared");
            }
            Config.Proc proc = program(name, command);
            draft.place("proc", name, where);
            draft.procs.put(name, proc);
        } catch (SyntaxError e) {
            draft.breakName("proc", name);
            throw e;
        }
    }

    private Config.Proc program(String name, String command) throws SyntaxError {
        String user = "";
        String group = "";
        String chroot = "";
        while (true) {
            if (tokens.accept("user")) {
                user = once("user", user, tokens.string("a user name"));
            } else if (tokens.accept("group")) {
                group = once("group", group, tokens.string("a group name"));
            } else if (tokens.accept("chroot")) {
                chroot = once("chroot", chroot, tokens.string("a directory"));
            } else {
                return new Config.Proc(name, command, user, group, chroot);
            }
        }
    }

    private String once(String option, String before, String now) throws SyntaxError {
        if (!before.isEmpty()) {
            throw tokens.fail(option + " is already given for this program");
        }
        return now;
    }

    /// `filter NAME …`, after the first word.
    void directive() throws SyntaxError {
        String name = tokens.string("a filter name");
        Location where = tokens.last();
        try {
            if (tokens.accept("proc")) {
                ofProc(name);
            } else if (tokens.accept("proc-exec")) {
                String command = tokens.string("a command");
                requireNew(name);
                String procName = "<filter " + name + ">";
                draft.procs.put(procName, program(procName, command));
                draft.filters.put(name, new FilterConf.Program(name, procName, trouble()));
            } else if (tokens.accept("phase")) {
                requireNew(name);
                draft.filters.put(name, builtin(name));
            } else if (tokens.accept("chain")) {
                requireNew(name);
                draft.filters.put(name, chain(name));
            } else {
                throw tokens.unexpected();
            }
            draft.place("filter", name, where);
        } catch (SyntaxError e) {
            draft.breakName("filter", name);
            throw e;
        }
    }

    private void requireNew(String name) throws SyntaxError {
        if (draft.filters.containsKey(name)) {
            throw tokens.fail(
                    "filter \""
                            + name
                            + "\" is already declared at "
                            + draft.placeOf("filter", name));
        }
    }

    private void ofProc(String name) throws SyntaxError {
        String proc = tokens.string("a program name");
        requireNew(name);
        if (!draft.procs.containsKey(proc) && !draft.isBroken("proc", proc)) {
            throw tokens.fail(
                    "no such proc: " + proc + Draft.suggestion(proc, draft.procs.keySet()));
        }
        draft.filters.put(name, new FilterConf.Program(name, proc, trouble()));
    }

    /// `fail POLICY` and `timeout TIME`, an addition of ours.
    private FilterConf.Trouble trouble() throws SyntaxError {
        FilterConf.@Nullable Fail fail = null;
        @Nullable Duration timeout = null;
        while (true) {
            if (fail == null && tokens.acceptWord("fail")) {
                fail = policy();
            } else if (timeout == null && tokens.acceptWord("timeout")) {
                String text = tokens.string("a delay such as 30s");
                timeout = Quantities.delay(text);
                if (timeout.isNegative()) {
                    throw tokens.fail("not a delay: " + text);
                }
            } else {
                return new FilterConf.Trouble(
                        fail == null ? FilterConf.Fail.TEMPFAIL : fail,
                        timeout == null ? FilterConf.Trouble.TIMEOUT : timeout);
            }
        }
    }

    private FilterConf.Fail policy() throws SyntaxError {
        for (FilterConf.Fail fail : FilterConf.Fail.values()) {
            if (fail == FilterConf.Fail.BYPASS
                    ? tokens.accept(fail.word())
                    : tokens.acceptWord(fail.word())) {
                return fail;
            }
        }
        throw tokens.unexpected();
    }

    /// `{ a, b }` after `chain`, or in the place of a filter's name.
    private FilterConf.Chain chain(String name) throws SyntaxError {
        tokens.expectSign("{");
        tokens.skipNewlines();
        List<String> members = new ArrayList<>();
        Set<String> procs = new HashSet<>();
        do {
            members.add(member(members, procs));
        } while (tables.separated());
        tokens.expectSign("}");
        return new FilterConf.Chain(name, members);
    }

    private String member(List<String> before, Set<String> procs) throws SyntaxError {
        String member = tokens.string("a filter name");
        FilterConf filter = declared(member);
        if (filter instanceof FilterConf.Chain) {
            throw tokens.fail("filter \"" + member + "\" is a chain, which no chain may hold");
        }
        if (before.contains(member)) {
            throw tokens.fail("filter \"" + member + "\" is in this chain twice");
        }
        if (filter instanceof FilterConf.Program(_, String proc, _) && !procs.add(proc)) {
            throw tokens.fail("proc \"" + proc + "\" is in this chain twice");
        }
        return member;
    }

    private @Nullable FilterConf declared(String name) throws SyntaxError {
        FilterConf filter = draft.filters.get(name);
        if (filter == null && !draft.isBroken("filter", name)) {
            throw tokens.fail(
                    "no such filter: "
                            + name
                            + " (a filter is declared before it is used)"
                            + Draft.suggestion(name, draft.filters.keySet()));
        }
        return filter;
    }

    /// A filter in use, after `filter`: a name, or a chain written in place.
    ///
    /// @param owner what uses it, for the name of a chain written in place
    /// @return its name
    String use(String owner) throws SyntaxError {
        if (tokens.atString()) {
            String name = tokens.next().text();
            declared(name);
            return name;
        }
        String anonymous = "<" + owner + " filter>";
        if (!tokens.peek().isSign("{")) {
            throw tokens.unexpected(List.of("a filter name", "'{'"));
        }
        draft.filters.put(anonymous, chain(anonymous));
        return anonymous;
    }

    private FilterConf.Builtin builtin(String name) throws SyntaxError {
        FilterConf.Phase phase = phase();
        tokens.expect("match");
        FilterConf.Condition condition = condition(name, phase);
        return new FilterConf.Builtin(name, phase, condition, decision(phase));
    }

    private FilterConf.Phase phase() throws SyntaxError {
        for (FilterConf.Phase phase : FilterConf.Phase.values()) {
            if (tokens.accept(phase.word())) {
                return phase;
            }
        }
        throw tokens.unexpected();
    }

    /// What can be known in a phase.
    private static Set<FilterConf.Test> testsIn(FilterConf.Phase phase) {
        Set<FilterConf.Test> tests =
                EnumSet.of(FilterConf.Test.FCRDNS, FilterConf.Test.RDNS, FilterConf.Test.SRC);
        Set<FilterConf.Test> more =
                switch (phase) {
                    case CONNECT -> EnumSet.noneOf(FilterConf.Test.class);
                    case HELO, EHLO -> EnumSet.of(FilterConf.Test.HELO);
                    case AUTH -> EnumSet.of(FilterConf.Test.HELO, FilterConf.Test.AUTH);
                    case MAIL_FROM, DATA, COMMIT ->
                            EnumSet.of(
                                    FilterConf.Test.HELO,
                                    FilterConf.Test.AUTH,
                                    FilterConf.Test.MAIL_FROM);
                    case RCPT_TO ->
                            EnumSet.of(
                                    FilterConf.Test.HELO,
                                    FilterConf.Test.AUTH,
                                    FilterConf.Test.MAIL_FROM,
                                    FilterConf.Test.RCPT_TO);
                };
        tests.addAll(more);
        return tests;
    }

    private FilterConf.Condition condition(String name, FilterConf.Phase phase) throws SyntaxError {
        boolean negated = tokens.acceptSign("!");
        for (FilterConf.Test test : testsIn(phase)) {
            if (!tokens.accept(test.word())) {
                continue;
            }
            boolean optional = test == FilterConf.Test.RDNS || test == FilterConf.Test.AUTH;
            boolean regex = test != FilterConf.Test.FCRDNS && tokens.accept("regex");
            boolean bare = test == FilterConf.Test.FCRDNS || (optional && !tables.ahead());
            if (bare && !regex) {
                return new FilterConf.Condition(test, negated, false, "");
            }
            String table = tables.use("filter " + name, test.word(), TableParser.ANY);
            return new FilterConf.Condition(test, negated, regex, table);
        }
        throw tokens.unexpected();
    }

    private FilterConf.Decision decision(FilterConf.Phase phase) throws SyntaxError {
        for (FilterConf.Verb verb : FilterConf.Verb.values()) {
            boolean bare = verb == FilterConf.Verb.JUNK || verb == FilterConf.Verb.BYPASS;
            if (bare && phase == FilterConf.Phase.COMMIT) {
                continue;
            }
            if (tokens.accept(verb.name().toLowerCase(Locale.ROOT))) {
                String text = bare ? "" : tokens.string("a text");
                return new FilterConf.Decision(verb, text);
            }
        }
        throw tokens.unexpected();
    }
}
