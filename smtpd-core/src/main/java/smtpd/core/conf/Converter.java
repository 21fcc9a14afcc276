package smtpd.core.conf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Rewrites a configuration in the grammar used before OpenSMTPD 6.4 in today's (`smtpd
/// --convert`).
///
/// Macros are resolved, comments stay before what they were written before, and declarations move
/// before their first use. What has no equivalent, or changed its meaning, is marked by a comment
/// that begins with `# convert:`. A rule for local clients gets a second rule for authenticated
/// ones where a listener authenticates, because those counted as local then. Pure.
public final class Converter {
    private static final String NOTE = "# convert: ";

    private final Macros macros = new Macros(Map.of());
    private final List<String> head = new ArrayList<>();
    private final List<String> listeners = new ArrayList<>();
    private final List<String> rules = new ArrayList<>();
    private final List<String> comments = new ArrayList<>();
    private final Map<String, String> actions = new LinkedHashMap<>();
    private final Map<String, Integer> names = new HashMap<>();
    private final Set<String> tables = new LinkedHashSet<>();
    private final Set<String> used = new LinkedHashSet<>();
    private final Set<String> pkis = new LinkedHashSet<>();
    private final Set<String> declared = new LinkedHashSet<>();
    private final Set<String> certs = new LinkedHashSet<>();
    private final Set<String> keys = new LinkedHashSet<>();
    private final Set<String> usedPkis = new LinkedHashSet<>();
    private boolean authenticates;

    private Converter() {}

    /// The configuration in today's grammar.
    public static String convert(String text) {
        return new Converter().run(text.replace("\r", ""));
    }

    private record Line(String text, List<Token> tokens) {}

    private String run(String text) {
        List<Line> lines = lines(text);
        for (Line line : lines) {
            survey(line.tokens);
        }
        for (Line line : lines) {
            convert(line);
        }
        List<String> out = new ArrayList<>(head);
        undeclared(out);
        out.addAll(listeners);
        out.addAll(rules);
        out.addAll(comments);
        return String.join("\n", out) + "\n";
    }

    /// Declares what is used and was never declared, for a human to correct.
    private void undeclared(List<String> out) {
        used.removeAll(declared);
        for (String table : used) {
            out.add(NOTE + "this table was not declared; correct its source");
            out.add(
                    "table "
                            + Quoting.quote(table)
                            + " "
                            + Quoting.quote("file:/etc/mail/" + table));
        }
        usedPkis.addAll(certs);
        usedPkis.addAll(keys);
        for (String pki : usedPkis) {
            String name = Quoting.quote(pki);
            if (!certs.contains(pki) || !keys.contains(pki)) {
                out.add(NOTE + "this pki was not declared, or not whole; correct its files");
            }
            if (!certs.contains(pki)) {
                out.add("pki " + name + " cert " + Quoting.quote("/etc/ssl/" + pki + ".crt"));
            }
            if (!keys.contains(pki)) {
                String key = "/etc/ssl/private/" + pki + ".key";
                out.add("pki " + name + " key " + Quoting.quote(key));
            }
        }
    }

    /// Lines with their continuations and lists, each with its tokens.
    private List<Line> lines(String text) {
        List<Line> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String part : text.split("\n", -1)) {
            line.append(part);
            String so = line.toString();
            boolean comment = so.strip().startsWith("#");
            boolean open = !comment && count(so, '{') > count(so, '}');
            if (part.endsWith("\\") || open) {
                line.append('\n');
                continue;
            }
            lines.add(new Line(so, tokens(so)));
            line.setLength(0);
        }
        if (!line.isEmpty()) {
            lines.add(new Line(line.toString(), tokens(line.toString())));
        }
        return lines;
    }

    private static long count(String text, char wanted) {
        return text.replaceAll("#.*", "").chars().filter(c -> c == wanted).count();
    }

    private List<Token> tokens(String line) {
        List<ConfError> errors = new ArrayList<>();
        Lexer lexer = new Lexer("", line, macros, errors);
        List<Token> tokens = new ArrayList<>();
        Token token = lexer.next();
        while (token.kind() != Token.Kind.END) {
            if (token.kind() != Token.Kind.NEWLINE) {
                tokens.add(token);
            }
            token = lexer.next();
        }
        boolean macro = tokens.size() == 3 && tokens.get(1).isSign("=");
        if (macro) {
            macros.set(tokens.getFirst().text(), tokens.get(2).text(), Location.NONE);
        }
        return tokens;
    }

    /// Learns the names that may be used before they are declared.
    private void survey(List<Token> tokens) {
        if (tokens.size() < 2) {
            return;
        }
        switch (tokens.getFirst().text()) {
            case "table", "map" -> tables.add(tokens.get(1).text());
            case "pki" -> pkis.add(tokens.get(1).text().toLowerCase(Locale.ROOT));
            case "listen" ->
                    authenticates |=
                            tokens.stream()
                                    .anyMatch(token ->
                                            token.isKeyword("auth")
                                                    || token.isKeyword("auth-optional"));
            default -> {}
        }
    }

    private void convert(Line line) {
        List<Token> tokens = line.tokens;
        if (tokens.isEmpty()) {
            comments.add(line.text);
            return;
        }
        OldWords words = new OldWords(tokens);
        String first = words.next();
        List<String> out = new ArrayList<>();
        List<String> where = head;
        boolean known =
                switch (first) {
                    case "accept", "reject" -> {
                        where = rules;
                        yield rule(first.equals("accept"), words, out);
                    }
                    case "listen" -> {
                        where = listeners;
                        OldListen listen = new OldListen(words, pkis, used, tables);
                        boolean read = listen.convert(out);
                        usedPkis.addAll(listen.usedPkis);
                        yield read;
                    }
                    case "pki", "ca" -> certificate(first, words, out);
                    case "table" -> table(line.text, words, out);
                    case "map" -> map(words, out);
                    default -> option(first, words, out) || macro(tokens);
                };
        where.addAll(comments);
        comments.clear();
        if (known) {
            where.addAll(out);
        } else {
            where.add(NOTE + "no equivalent was found for:");
            line.text.lines().forEach(part -> rulesOrHead(part, first));
        }
    }

    /// What could not be converted stays as a comment, where it would have stood.
    private void rulesOrHead(String part, String first) {
        String text = "#" + part.replaceFirst("\\\\\\s*$", "");
        switch (first) {
            case "accept", "reject" -> rules.add(text);
            case "listen" -> listeners.add(text);
            default -> head.add(text);
        }
    }

    private static boolean macro(List<Token> tokens) {
        return tokens.size() == 3 && tokens.get(1).isSign("=");
    }

    private boolean rule(boolean accept, OldWords words, List<String> out) {
        OldRule rule = new OldRule(words, tables);
        if (!rule.read() || (accept && rule.action().isEmpty())) {
            return false;
        }
        used.addAll(rule.used);
        rule.notes.stream().distinct().forEach(note -> out.add(NOTE + note));
        String verdict = "reject";
        if (accept) {
            verdict = "action " + Quoting.quote(action(rule.action(), out));
        }
        out.add(match(rule.source, rule.criteria(), verdict));
        if (accept && authenticates && rule.source.equals("from local")) {
            out.add(match("from any", "auth " + rule.criteria(), verdict));
        }
        return true;
    }

    private static String match(String source, String criteria, String verdict) {
        return ("match " + source + " " + criteria).strip() + " " + verdict;
    }

    /// The name of an action with that body, declared when it is new.
    private String action(String body, List<String> out) {
        String known = actions.get(body);
        if (known != null) {
            return known;
        }
        String base = body.startsWith("relay") ? "relay" : "local";
        int number = names.merge(base, 1, Integer::sum);
        String name = number == 1 ? base : base + number;
        actions.put(body, name);
        out.add("action " + Quoting.quote(name) + " " + body);
        return name;
    }

    private boolean certificate(String kind, OldWords words, List<String> out) {
        String name = words.next().toLowerCase(Locale.ROOT);
        String head = kind + " " + Quoting.quote(name);
        while (words.more()) {
            if (words.accept("certificate") || words.accept("cert")) {
                out.add(head + " cert " + Quoting.quote(words.next()));
                certs.addAll(kind.equals("pki") ? List.of(name) : List.of());
            } else if (words.accept("key")) {
                out.add(head + " key " + Quoting.quote(words.next()));
                keys.add(name);
            } else if (words.accept("dhe")) {
                words.accept("params");
                String dhe = words.next().toLowerCase(Locale.ROOT);
                boolean named = dhe.equals("none") || dhe.equals("auto") || dhe.equals("legacy");
                out.add(head + " dhe " + (named ? dhe : "auto"));
            } else {
                return false;
            }
        }
        return true;
    }

    /// Tables are written as today, but for the source `plain`.
    private boolean table(String text, OldWords words, List<String> out) {
        String name = words.next();
        boolean known;
        if (words.isValue()) {
            String source = words.next().replaceFirst("^plain:", "file:");
            out.add("table " + Quoting.quote(name) + " " + Quoting.quote(source));
            known = source.startsWith("/") || source.contains(":/");
        } else {
            out.add("table " + Quoting.quote(name) + " " + new OldRule(words, Set.of()).table());
            known = text.contains("{") && !out.getLast().endsWith("{  }");
        }
        return known && declared.add(name);
    }

    /// `map NAME { source db FILE }` of the first releases.
    private boolean map(OldWords words, List<String> out) {
        String name = words.next();
        words.acceptSign("{");
        words.accept("source");
        String backend = words.next().replaceFirst("^plain$", "file");
        String path = words.next();
        out.add("table " + Quoting.quote(name) + " " + Quoting.quote(backend + ":" + path));
        return path.startsWith("/") && declared.add(name);
    }

    private static boolean option(String first, OldWords words, List<String> out) {
        return switch (first) {
            case "expire" -> out.add("queue ttl " + words.next());
            case "max-message-size" -> out.add("smtp max-message-size " + words.next());
            case "bounce-warn" -> out.add("bounce warn-interval " + rest(words));
            case "ciphers" -> out.add("smtp ciphers " + Quoting.quote(words.next()));
            case "subaddressing-delimiter" ->
                    out.add("smtp sub-addr-delim " + Quoting.quote(words.next()));
            case "include" -> {
                out.add(NOTE + "the included file must be converted too");
                yield out.add("include " + Quoting.quote(words.next()));
            }
            case "hostname" ->
                    out.add(NOTE + "write the host name into /etc/mailname: " + words.next());
            case "queue" -> queue(words, out);
            case "limit" -> limit(words, out);
            default -> false;
        };
    }

    private static boolean queue(OldWords words, List<String> out) {
        if (words.accept("compression")) {
            return out.add("queue compression");
        }
        if (!words.accept("encryption")) {
            return false;
        }
        words.accept("key");
        String key = words.next();
        if (!key.isEmpty() && key.length() != QueueKey.CHARACTERS) {
            out.add(NOTE + "the queue key must have " + QueueKey.CHARACTERS + " characters:");
            return out.add("#queue encryption " + Quoting.quote(key));
        }
        return out.add(("queue encryption " + (key.isEmpty() ? "" : Quoting.quote(key))).strip());
    }

    private static boolean limit(OldWords words, List<String> out) {
        String process = words.next();
        String today = process.equals("session") ? "smtp" : process;
        return out.add(today + " limit " + rest(words));
    }

    private static String rest(OldWords words) {
        StringBuilder rest = new StringBuilder();
        while (words.more()) {
            boolean comma = words.acceptSign(",");
            rest.append(
                    comma ? ", " : (rest.isEmpty() || rest.toString().endsWith(" ") ? "" : " "));
            if (!comma) {
                rest.append(words.next());
            }
        }
        return rest.toString();
    }
}
