package smtpd.core.conf;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Turns a `listen on` of the old grammar into today's.
final class OldListen {
    private final OldWords words;
    private final Set<String> pkis;
    private final Set<String> used;
    private final Set<String> tables;

    /// Names of pki that are used, declared or not.
    final Set<String> usedPkis = new LinkedHashSet<>();

    private final StringBuilder options = new StringBuilder();
    private String tls = "";
    private String pki = "";
    private String auth = "";
    private boolean secure;

    /// @param words what follows `listen`
    /// @param pkis the names of all pkis of the configuration
    /// @param used takes the tables that are used
    /// @param tables the names of all tables of the configuration
    OldListen(OldWords words, Set<String> pkis, Set<String> used, Set<String> tables) {
        this.words = words;
        this.pkis = pkis;
        this.used = used;
        this.tables = tables;
    }

    /// Adds the converted lines; false when a word is not known.
    boolean convert(List<String> out) {
        words.accept("on");
        if (words.accept("socket")) {
            return socket(out);
        }
        String head = "listen on " + Quoting.quote(words.next());
        while (words.more()) {
            if (!option() && !tlsOption()) {
                return false;
            }
        }
        if (!tls.isEmpty() && pki.isEmpty()) {
            pki = pkis.size() == 1 ? pkis.iterator().next() : "";
        }
        if (tls.isEmpty() == pki.isEmpty() && (auth.isEmpty() || !tls.isEmpty())) {
            line(head, tls, out);
            if (secure) {
                line(head, " smtps", out);
            }
            return true;
        }
        out.add("# convert: encryption needs a pki, and auth needs encryption; without them:");
        pki = "";
        auth = "";
        line(head, "", out);
        return true;
    }

    private void line(String head, String mode, List<String> out) {
        String certificate = pki.isEmpty() ? "" : " pki " + Quoting.quote(pki);
        out.add(head + options + mode + certificate + auth);
    }

    private boolean socket(List<String> out) {
        while (words.more()) {
            if (!option()) {
                return false;
            }
        }
        out.add("listen on socket" + options);
        return true;
    }

    private boolean option() {
        if (words.accept("inet4")) {
            options.append(" inet4");
        } else if (words.accept("inet6")) {
            options.append(" inet6");
        } else if (words.accept("port")) {
            options.append(" port ").append(words.next());
        } else if (words.accept("hostname")) {
            options.append(" hostname ").append(Quoting.quote(words.next()));
        } else if (words.accept("hostnames")) {
            options.append(" hostnames ").append(mapping());
        } else if (words.accept("tag")) {
            options.append(" tag ").append(Quoting.quote(words.next()));
        } else if (words.accept("mask-source") || words.accept("mask-src")) {
            options.append(" mask-src");
        } else if (words.accept("no-dsn")) {
            options.append(" no-dsn");
        } else if (words.accept("received-auth")) {
            options.append(" received-auth");
        } else if (words.accept("senders")) {
            options.append(" senders ").append(mapping());
            options.append(words.accept("masquerade") ? " masquerade" : "");
        } else {
            return false;
        }
        return true;
    }

    private boolean tlsOption() {
        if (words.accept("tls")) {
            tls = " tls";
        } else if (words.accept("tls-require")) {
            tls = " tls-require" + (words.accept("verify") ? " verify" : "");
        } else if (words.accept("smtps") || words.accept("ssl")) {
            tls = " smtps" + (words.accept("verify") ? " verify" : "");
        } else if (words.accept("secure")) {
            tls = " tls";
            secure = true;
        } else if (words.accept("pki") || words.accept("certificate")) {
            pki = words.next().toLowerCase(Locale.ROOT);
            usedPkis.add(pki);
        } else if (words.accept("ca")) {
            options.append(" ca ").append(Quoting.quote(words.next()));
        } else if (words.accept("ciphers")) {
            options.append(" ciphers ").append(Quoting.quote(words.next()));
        } else if (words.accept("auth")) {
            auth = " auth" + authTable();
        } else if (words.accept("auth-optional")) {
            auth = " auth-optional" + authTable();
        } else {
            return words.accept("enable") || words.accept("verify");
        }
        return true;
    }

    private String authTable() {
        return words.isSign() ? " " + mapping() : "";
    }

    private String mapping() {
        OldRule reader = new OldRule(words, tables);
        String table = reader.mapping();
        used.addAll(reader.used);
        return table;
    }
}
