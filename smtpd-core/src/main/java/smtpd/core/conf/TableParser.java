package smtpd.core.conf;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads `table NAME …` and the places where a table is used: `<NAME>`, a word, or `{ … }`.
final class TableParser {
    /// Longest name of a table (OpenSMTPD: a buffer of `LINE_MAX`, 2048 bytes).
    static final int NAME_MAX = 2047;

    static final Set<Draft.Kind> LIST = EnumSet.of(Draft.Kind.LIST);
    static final Set<Draft.Kind> MAPPING = EnumSet.of(Draft.Kind.MAPPING);
    static final Set<Draft.Kind> EITHER = EnumSet.of(Draft.Kind.LIST, Draft.Kind.MAPPING);
    static final Set<Draft.Kind> USERS = EnumSet.of(Draft.Kind.MAPPING, Draft.Kind.USERS);
    static final Set<Draft.Kind> ANY = EnumSet.allOf(Draft.Kind.class);

    private final Tokens tokens;
    private final Draft draft;

    TableParser(Tokens tokens, Draft draft) {
        this.tokens = tokens;
        this.draft = draft;
    }

    /// `table NAME FILE | BACKEND:FILE | { … }`, after the first word.
    void directive() throws SyntaxError {
        String name = tokens.string("a table name");
        try {
            boolean declared = draft.tables.containsKey(name);
            boolean inline = tokens.peek().isSign("{");
            if (declared) {
                throw tokens.fail(
                        "table \""
                                + name
                                + "\" is already declared at "
                                + draft.placeOf("table", name));
            }
            if (name.length() > NAME_MAX) {
                throw tokens.fail("table name is longer than " + NAME_MAX + " characters");
            }
            draft.place("table", name, tokens.last());
            if (inline) {
                list(name);
            } else {
                source(name, tokens.string("a file, BACKEND:FILE or '{'"));
            }
        } catch (SyntaxError e) {
            draft.breakName("table", name);
            throw e;
        }
    }

    private void source(String name, String text) throws SyntaxError {
        int colon = text.indexOf(':');
        boolean file = text.startsWith("/");
        String backend = file ? "file" : colon < 0 ? text : text.substring(0, colon);
        String path = file ? text : colon < 0 ? "" : text.substring(colon + 1);
        if (colon >= 0 && !path.startsWith("/")) {
            throw tokens.fail(
                    "table \"" + name + "\": the parameter of its backend must begin with '/'");
        }
        switch (backend) {
            case "file", "static" -> file(name, path);
            case "db" -> {
                requirePath(name, path);
                requireUsable(name, backend, path);
                draft.declare(new TableConf.DbTable(name, path), EITHER);
            }
            default -> {
                boolean users = backend.equals("getpwnam");
                boolean builtIn = users || backend.equals("proc");
                if (!builtIn && !draft.env.hasTableProgram(backend)) {
                    throw tokens.fail("table backend \"" + backend + "\" does not exist");
                }
                requireUsable(name, backend, path);
                draft.declare(
                        new TableConf.BackendTable(name, backend, path),
                        users ? EnumSet.of(Draft.Kind.USERS) : EITHER);
            }
        }
    }

    private void file(String name, String path) throws SyntaxError {
        requirePath(name, path);
        Set<Draft.Kind> kinds =
                switch (draft.env.tableFile(path)) {
                    case ConfEnvironment.FileKind.ListFile _ -> LIST;
                    case ConfEnvironment.FileKind.MappingFile _ -> MAPPING;
                    case ConfEnvironment.FileKind.Either _ -> EITHER;
                    case ConfEnvironment.FileKind.Unusable(String why) ->
                            throw tokens.fail("table \"" + name + "\": " + why);
                };
        draft.declare(new TableConf.FileTable(name, path), kinds);
    }

    private void requireUsable(String name, String backend, String path) throws SyntaxError {
        String problem = draft.env.tableProblem(backend, path);
        if (problem != null) {
            throw tokens.fail("table \"" + name + "\": " + problem);
        }
    }

    private void requirePath(String name, String path) throws SyntaxError {
        if (path.isEmpty()) {
            throw tokens.fail("table \"" + name + "\": its backend needs a file");
        }
    }

    /// `{ a, b }` or `{ a = b, c = d }`, commas and line ends optional between the entries, none
    /// after the last comma.
    private void list(String name) throws SyntaxError {
        tokens.expectSign("{");
        tokens.skipNewlines();
        String first = tokens.string("a table entry");
        if (tokens.peek().isSign("=") || tokens.peek().isSign("=>")) {
            Map<String, String> entries = new LinkedHashMap<>();
            value(entries, first);
            while (separated()) {
                value(entries, tokens.string("a table key"));
            }
            draft.declare(new TableConf.StaticMap(name, entries), MAPPING);
        } else {
            List<String> entries = new ArrayList<>();
            entries.add(first);
            while (separated()) {
                entries.add(tokens.string("a table entry"));
            }
            draft.declare(new TableConf.StaticList(name, entries), LIST);
        }
        tokens.expectSign("}");
        tokens.secret(false);
    }

    private void value(Map<String, String> entries, String key) throws SyntaxError {
        if (!tokens.acceptSign("=") && !tokens.acceptSign("=>")) {
            throw tokens.unexpected();
        }
        tokens.secret(true); // it may be a password, and what follows the rest of it
        String value = tokens.string("a table value");
        if (entries.put(key, value) != null) {
            draft.warn(tokens.last(), "key \"" + key + "\" stands here twice: the last counts");
        }
    }

    /// Takes what stands between two entries; false at the end of the list.
    boolean separated() {
        if (tokens.acceptSign(",")) {
            tokens.secret(false);
            tokens.skipNewlines();
            return true;
        }
        tokens.skipNewlines();
        return tokens.atString();
    }

    /// Whether a table may begin here.
    boolean ahead() {
        return tokens.atString() || tokens.peek().isSign("{") || tokens.peek().isSign("<");
    }

    /// A table in use.
    ///
    /// @param owner what is being declared, for the name of a table written in place
    /// @param option the option the table is for
    /// @param as what it must be usable as
    /// @return its name
    String use(String owner, String option, Set<Draft.Kind> as) throws SyntaxError {
        String table = reference(owner, option);
        require(table, option, as);
        return table;
    }

    /// The name of the table that stands here, whatever it can be used as.
    String reference(String owner, String option) throws SyntaxError {
        String anonymous = "<" + owner + " " + option + ">";
        String table;
        if (tokens.acceptSign("<")) {
            table = tokens.string("a table name");
            tokens.expectSign(">");
            requireDeclared(table);
        } else if (tokens.peek().isSign("{")) {
            list(anonymous);
            table = anonymous;
        } else {
            String entry = tokens.string("a table, a value or '{'");
            draft.declare(new TableConf.StaticList(anonymous, List.of(entry)), LIST);
            table = anonymous;
        }
        return table;
    }

    /// Refuses a table that cannot be used as one of those kinds.
    void require(String table, String option, Set<Draft.Kind> as) throws SyntaxError {
        if (!draft.usable(table, as)) {
            throw tokens.fail(wrongKind(table, option, as));
        }
    }

    private void requireDeclared(String table) throws SyntaxError {
        if (!draft.tables.containsKey(table) && !draft.isBroken("table", table)) {
            throw tokens.fail(
                    "no such table: "
                            + table
                            + " (a table is declared before it is used)"
                            + Draft.suggestion(table, draft.tables.keySet()));
        }
    }

    private static String wrongKind(String table, String option, Set<Draft.Kind> as) {
        String shown = table.startsWith("<") ? "this table" : "table \"" + table + "\"";
        String wanted =
                as.contains(Draft.Kind.MAPPING)
                        ? "keys with values are needed"
                        : "a list without values is needed";
        return shown + " may not be used for " + option + " lookups: " + wanted;
    }
}
