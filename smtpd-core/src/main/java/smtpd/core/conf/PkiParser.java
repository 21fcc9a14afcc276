package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/// Reads `pki NAME …` and `ca NAME …`.
final class PkiParser {
    /// Longest label and longest name of the domain name system (RFC 1035 §2.3.4).
    private static final int LABEL_MAX = 63;

    private static final int NAME_MAX = 255;

    private final Tokens tokens;
    private final Draft draft;

    PkiParser(Tokens tokens, Draft draft) {
        this.tokens = tokens;
        this.draft = draft;
    }

    /// `pki NAME { cert FILE | key FILE | dhe … }`, after the first word.
    void pki() throws SyntaxError {
        String name = name();
        Location where = tokens.last();
        draft.places.putIfAbsent("pki " + name, where);
        Draft.PkiDraft pki = draft.pkis.computeIfAbsent(name, _ -> new Draft.PkiDraft(where));
        try {
            while (true) {
                if (tokens.accept("cert")) {
                    pki.cert = file("pki", name, draft.env::certificateProblem);
                } else if (tokens.accept("key")) {
                    pki.key = file("pki", name, draft.env::keyProblem);
                    pki.keyWhere = tokens.last();
                } else if (tokens.accept("dhe")) {
                    pki.dhe = dhe(tokens.string("none, auto or legacy"));
                } else {
                    return;
                }
            }
        } catch (SyntaxError e) {
            draft.breakName("pki", name);
            throw e;
        }
    }

    /// `ca NAME cert FILE`, after the first word.
    void ca() throws SyntaxError {
        String name = name();
        draft.place("ca", name, tokens.last());
        tokens.expect("cert");
        draft.cas.put(name, new Config.Ca(name, file("ca", name, draft.env::certificateProblem)));
    }

    private interface Check {
        @Nullable String problem(String path);
    }

    /// OpenSMTPD: the files are opened when the whole text was read.
    private String file(String kind, String name, Check check) throws SyntaxError {
        String path = tokens.string("a file");
        String problem = check.problem(path);
        if (problem != null) {
            draft.laterErrors.add(new ConfError(tokens.last(), kind + " " + name + ": " + problem));
            draft.breakName(kind, name);
        }
        return path;
    }

    private Config.Pki.Dhe dhe(String word) throws SyntaxError {
        for (Config.Pki.Dhe dhe : Config.Pki.Dhe.values()) {
            if (dhe.name().equalsIgnoreCase(word)) {
                return dhe;
            }
        }
        throw tokens.fail("invalid dhe: " + word + " (none, auto or legacy)");
    }

    private String name() throws SyntaxError {
        String name = tokens.string("a host name or \"*\"");
        if (!name.equals("*") && !isHostName(name)) {
            throw tokens.fail("not a host name: " + name);
        }
        return name.toLowerCase(Locale.ROOT);
    }

    /// Labels of letters, digits, `-` and `_`, none beginning with `-`; or, as OpenSMTPD has it,
    /// nothing.
    private static boolean isHostName(String name) {
        if (name.isEmpty() || name.length() > NAME_MAX) {
            return name.isEmpty();
        }
        String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        for (String label : bare.split("[.]", -1)) {
            if (!label.matches("[A-Za-z0-9_][A-Za-z0-9_-]*") || label.length() > LABEL_MAX) {
                return false;
            }
        }
        return true;
    }
}
