package smtpd.core.conf;

import java.util.List;
import java.util.Map;

/// Reads a configuration: recursive descent over the tokens of all its files, one directive after
/// the other, going on after an error with the next directive.
///
/// Pure but for what its [ConfEnvironment] does. The order of directives matters as in OpenSMTPD: a
/// table, filter, action, pki, ca, wrapper or proc is declared before it is used. OpenSMTPD:
/// parse.y; a configuration accepted there is accepted here and means the same, one refused there
/// is refused here at the same line, with more said.
public final class ConfParser {
    private final Draft draft;
    private final Macros macros;
    private final Lexer lexer;
    private final Tokens tokens;
    private final TableParser tables;
    private final FilterParser filters;
    private final OldGrammar oldGrammar = new OldGrammar();
    private boolean broken;

    private ConfParser(String file, String text, Map<String, String> fixed, ConfEnvironment env) {
        draft = new Draft(env);
        macros = new Macros(fixed);
        lexer = new Lexer(file, text, macros, draft.errors);
        tokens = new Tokens(lexer);
        tables = new TableParser(tokens, draft);
        filters = new FilterParser(tokens, draft, tables);
    }

    /// Reads a configuration.
    ///
    /// @param file its name, for messages
    /// @param text its content
    /// @param macros macros of the command line, which those of the text do not replace
    /// @param env what is asked of the machine
    /// @return the configuration or every error found, and the warnings
    public static ConfResult parse(
            String file, String text, Map<String, String> macros, ConfEnvironment env) {
        return new ConfParser(file, text, macros, env).run();
    }

    private ConfResult run() {
        while (tokens.peek().kind() != Token.Kind.END) {
            line();
        }
        if (oldGrammar.whole() && !draft.errors.isEmpty()) {
            draft.errors.subList(1, draft.errors.size()).clear();
            draft.errors.set(0, new ConfError(draft.errors.getFirst().where(), OldGrammar.HINT));
            return new ConfResult(null, draft.errors, List.of());
        }
        Checks.errors(draft);
        if (!draft.errors.isEmpty()) {
            return new ConfResult(null, draft.errors, draft.warnings);
        }
        macros.warnUnused(draft.warnings);
        Config config = draft.config();
        Checks.warnings(config, draft);
        return new ConfResult(config, draft.errors, draft.warnings);
    }

    /// Reads one line, which may be continued. After an error, closing braces and indented lines
    /// that begin no directive belong to what could not be read and are skipped.
    private void line() {
        Token first = tokens.peek();
        if (first.kind() == Token.Kind.NEWLINE) {
            tokens.next();
            return;
        }
        if (broken && isRest(first)) {
            tokens.skipLine();
            return;
        }
        broken = false;
        oldGrammar.see(first);
        try {
            directive(first);
        } catch (SyntaxError e) {
            broken = true;
            ConfError error = e.error();
            if (error != null) {
                draft.errors.add(oldGrammar.explain(first, error));
            }
            tokens.skipLine();
        }
    }

    private boolean isRest(Token first) {
        boolean begins = Keywords.DIRECTIVES.contains(first.text()) || OldGrammar.isOld(first);
        return first.isSign("}") || (lexer.indented() && !begins);
    }

    private void directive(Token first) throws SyntaxError {
        if (first.kind() == Token.Kind.BAD) {
            throw tokens.unexpected();
        }
        if (first.isKeyword("include")) {
            tokens.next();
            include();
            return;
        }
        if (first.kind() == Token.Kind.KEYWORD) {
            keyword(first);
        } else if (first.kind() == Token.Kind.STRING) {
            tokens.next();
            if (first.text().equals("sandbox") && !tokens.peek().isSign("=")) {
                new OptionParser(tokens, draft).sandbox();
            } else if (first.text().equals("statistics") && !tokens.peek().isSign("=")) {
                new StatisticsParser(tokens, draft).directive();
            } else {
                macro(first);
            }
        } else {
            throw tokens.unexpected(Keywords.DIRECTIVES);
        }
        tokens.endOfLine();
    }

    private void keyword(Token first) throws SyntaxError {
        if (!Keywords.DIRECTIVES.contains(first.text())) {
            throw tokens.unexpected(Keywords.DIRECTIVES);
        }
        tokens.next();
        OptionParser options = new OptionParser(tokens, draft);
        switch (first.text()) {
            case "action" -> new ActionParser(tokens, draft, tables, filters).directive();
            case "admd" -> options.admd();
            case "bounce" -> options.bounce();
            case "ca" -> new PkiParser(tokens, draft).ca();
            case "filter" -> filters.directive();
            case "listen" ->
                    new ListenParser(tokens, draft, tables, filters).directive(first.where());
            case "match" -> new MatchParser(tokens, draft, tables).directive(first.where());
            case "mda" -> options.mda();
            case "mta" -> options.mta();
            case "pki" -> new PkiParser(tokens, draft).pki();
            case "proc" -> filters.proc();
            case "queue" -> options.queue();
            case "scheduler" -> options.scheduler();
            case "smtp" -> options.smtp();
            case "srs" -> options.srs();
            case "table" -> tables.directive();
            default -> throw new IllegalStateException(first.text());
        }
    }

    /// `NAME = VALUE`.
    private void macro(Token name) throws SyntaxError {
        if (tokens.peek().kind() == Token.Kind.BAD) {
            throw tokens.unexpected();
        }
        if (!tokens.acceptSign("=")) {
            String near = Keywords.near(name.text(), Keywords.DIRECTIVES);
            if (near != null) {
                throw new SyntaxError(
                        new ConfError(
                                tokens.peek().where(),
                                "syntax error: unknown directive '"
                                        + name.text()
                                        + "'; did you mean '"
                                        + near
                                        + "'?"));
            }
            throw new SyntaxError(
                    new ConfError(
                            tokens.peek().where(),
                            "syntax error: unknown directive '"
                                    + name.text()
                                    + "', expected one of "
                                    + String.join(", ", Keywords.DIRECTIVES)
                                    + " or NAME = VALUE"));
        }
        String value = tokens.string("a macro value");
        if (name.text().chars().anyMatch(Character::isWhitespace)) {
            throw tokens.fail("the name of a macro cannot hold blanks");
        }
        macros.set(name.text(), value, name.where());
    }

    /// `include FILE`; what follows on the line is read after the file.
    private void include() throws SyntaxError {
        String path = tokens.string("a file");
        Location where = tokens.last();
        ConfEnvironment.Text text = draft.env.read(path);
        if (text instanceof ConfEnvironment.Text.Missing(String why)) {
            throw tokens.fail("cannot include " + path + ": " + why);
        }
        if (text instanceof ConfEnvironment.Text.Found(String content)) {
            if (!lexer.include(path, content)) {
                draft.errors.add(
                        new ConfError(
                                where,
                                "files are included more than " + Lexer.INCLUDES_MAX + " deep"));
            }
        } else {
            draft.warn(where, "included file " + path + " is not read");
        }
    }
}
