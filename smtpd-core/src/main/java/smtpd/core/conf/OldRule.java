package smtpd.core.conf;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Turns one `accept` or `reject` of the old grammar into the criteria of a `match` and the body of
/// an `action`.
final class OldRule {
    private final OldWords words;
    private final Set<String> tables;

    /// Tables that are used, declared or not.
    final Set<String> used = new LinkedHashSet<>();

    /// What a human must look at.
    final List<String> notes = new ArrayList<>();

    String source = "from local";
    String destination = "";
    String delivery = "";
    private final StringBuilder criteria = new StringBuilder();
    private final StringBuilder localOptions = new StringBuilder();
    private final StringBuilder relayOptions = new StringBuilder();
    private String ttl = "";
    private boolean forwardOnly;

    /// @param words what follows `accept` or `reject`
    /// @param tables the names of all tables the configuration declares
    OldRule(OldWords words, Set<String> tables) {
        this.words = words;
        this.tables = tables;
    }

    /// Reads the rule; false when a word of it is not known.
    boolean read() {
        while (words.more()) {
            boolean known = condition() || option() || delivery() || relayOption();
            if (!known) {
                return false;
            }
        }
        if (delivery.isEmpty() && forwardOnly) {
            delivery = "forward-only";
        }
        return true;
    }

    boolean relays() {
        return delivery.startsWith("relay");
    }

    /// The criteria of the rule but for its source.
    String criteria() {
        return (destination + criteria).strip();
    }

    /// The body of its action, empty when it has none.
    String action() {
        return delivery.isEmpty() ? "" : delivery + (relays() ? relayOptions : localOptions) + ttl;
    }

    private boolean condition() {
        boolean negated = words.acceptSign("!");
        if (words.accept("tagged") || words.accept("tag")) {
            add(negated, "tag");
        } else if (words.accept("authenticated")) {
            source = "from any";
            criteria.append(negated ? " !auth" : " auth");
        } else if (words.accept("sender")) {
            add(negated, "mail-from");
        } else if (words.accept("recipient")) {
            add(negated, "rcpt-to");
        } else if (words.accept("from")) {
            source();
        } else if (words.accept("for")) {
            destination();
        } else {
            return false;
        }
        return true;
    }

    private void add(boolean negatedBefore, String criterion) {
        boolean negated = words.acceptSign("!") || negatedBefore;
        criteria.append(negated ? " !" : " ").append(criterion).append(' ').append(table());
    }

    private void source() {
        String not = words.acceptSign("!") ? "!" : "";
        if (words.accept("any") || words.accept("all")) {
            source = not + "from any";
        } else if (words.accept("local") || words.accept("localhost")) {
            source = not + "from local";
        } else {
            words.accept("source");
            String again = words.acceptSign("!") ? "!" : not;
            source = again + "from src " + table();
        }
    }

    private void destination() {
        String not = words.acceptSign("!") ? "!" : "";
        if (words.accept("any") || words.accept("all")) {
            destination = not + "for any";
        } else if (words.accept("local")) {
            destination = not + "for local";
        } else {
            words.accept("domain");
            String again = words.acceptSign("!") ? "!" : not;
            destination = again + "for domain " + table();
        }
    }

    private boolean option() {
        if (words.accept("alias")) {
            localOptions.append(" alias ").append(mapping());
        } else if (words.accept("virtual")) {
            localOptions.append(" virtual ").append(mapping());
        } else if (words.accept("userbase")) {
            localOptions.append(" userbase ").append(mapping());
        } else if (words.accept("forward-only")) {
            forwardOnly = true;
        } else if (words.accept("expire")) {
            ttl = " ttl " + words.next();
        } else {
            return false;
        }
        return true;
    }

    private boolean delivery() {
        if (words.accept("deliver")) {
            words.accept("to");
            return method();
        }
        if (words.accept("relay")) {
            delivery = "relay";
            return true;
        }
        return false;
    }

    private boolean method() {
        if (words.accept("mbox")) {
            delivery = "mbox";
        } else if (words.accept("maildir")) {
            delivery = "maildir" + (words.isValue() ? " " + value() : "");
        } else if (words.accept("mda")) {
            delivery = "mda " + Quoting.quote(command());
        } else if (words.accept("lmtp")) {
            delivery = "lmtp " + value() + (words.accept("rcpt-to") ? " rcpt-to" : "");
        } else {
            return false;
        }
        if (words.accept("as")) {
            localOptions.append(" user ").append(value());
        }
        return true;
    }

    /// A command, which may stand without quotes; a format specifier in it stays one word.
    private String command() {
        StringBuilder command = new StringBuilder(words.next());
        while (words.more() && !words.peek().equals("as")) {
            boolean sign = words.isSign() && !words.peek().equals("%");
            boolean inside = !command.isEmpty() && command.charAt(command.length() - 1) == '{';
            command.append(sign || inside ? "" : " ").append(words.next());
        }
        return command.toString();
    }

    private boolean relayOption() {
        if (!relays()) {
            return false;
        }
        if (words.accept("via")) {
            delivery = "relay host " + url(words.next());
        } else if (words.accept("backup")) {
            String mx = words.isValue() && !words.peek().equals("as") ? words.next() : "";
            delivery = mx.isEmpty() ? "relay backup" : "relay backup mx " + Quoting.quote(mx);
        } else if (words.accept("as")) {
            sender(words.next());
        } else if (words.accept("source")) {
            relayOptions.append(" src ").append(table());
        } else if (words.accept("hostname")) {
            relayOptions.append(" helo ").append(value());
        } else if (words.accept("hostnames")) {
            relayOptions.append(" helo-src ").append(mapping());
        } else if (words.accept("auth")) {
            auth();
        } else {
            return relayTlsOption();
        }
        return true;
    }

    private void auth() {
        if (delivery.startsWith("relay host ") && (words.isValue() || words.isSign())) {
            relayOptions.append(" auth ").append(mapping());
        } else {
            notes.add("'auth' without a table: add 'auth <table>' and a label to the URL");
        }
    }

    private boolean relayTlsOption() {
        if (words.accept("pki") || words.accept("certificate")) {
            relayOptions.append(" pki ").append(value());
        } else if (words.accept("ca")) {
            relayOptions.append(" ca ").append(value());
        } else if (words.accept("tls")) {
            relayOptions.append(words.accept("verify") ? " tls" : " tls no-verify");
        } else if (words.accept("verify")) {
            notes.add("servers are verified whenever TLS is required, 'verify' is not needed");
        } else if (words.accept("ssl") || words.accept("smtps")) {
            delivery = delivery.replace("relay host \"smtp://", "relay host \"smtps://");
        } else if (!words.accept("enable")) {
            return false;
        }
        return true;
    }

    private void sender(String address) {
        relayOptions.append(" mail-from ").append(Quoting.quote(address));
        if (!address.contains("@")) {
            notes.add("mail-from needs a whole address or '@domain': " + address);
        }
    }

    /// A URL in today's schemes.
    private String url(String old) {
        int colons = old.indexOf("://");
        String scheme = colons < 0 ? "smtp" : old.substring(0, colons).toLowerCase(Locale.ROOT);
        String rest = colons < 0 ? old : old.substring(colons + 3);
        String now =
                switch (scheme) {
                    case "tls", "tls+auth" -> "smtp+tls";
                    case "smtps", "smtps+auth", "ssl", "ssl+auth" -> "smtps";
                    case "secure", "secure+auth" -> "smtps";
                    default -> scheme;
                };
        if (scheme.startsWith("secure")) {
            notes.add(
                    "secure:// tried smtps first and STARTTLS next; write smtp+tls:// for the"
                            + " latter");
        }
        boolean required = now.equals("smtps") || now.equals("smtp+tls");
        if (required) {
            notes.add(
                    "the certificate of the server is verified now; 'tls no-verify' turns it"
                            + " off");
        }
        return Quoting.quote(now + "://" + rest);
    }

    private String value() {
        return Quoting.quote(words.next());
    }

    /// A table: `<name>`, the bare name of one, a list, or a value.
    String table() {
        if (words.acceptSign("<")) {
            String name = words.next();
            words.acceptSign(">");
            used.add(name);
            return "<" + Quoting.quote(name) + ">";
        }
        if (words.acceptSign("{")) {
            return list();
        }
        String word = words.next();
        return tables.contains(word) ? "<" + Quoting.quote(word) + ">" : Quoting.quote(word);
    }

    /// A table with keys and values: a word is the name of one, declared or not.
    String mapping() {
        if (!words.isValue()) {
            return table();
        }
        String name = words.next();
        used.add(name);
        return "<" + Quoting.quote(name) + ">";
    }

    private String list() {
        StringBuilder list = new StringBuilder("{ ");
        boolean first = true;
        while (words.more() && !words.acceptSign("}")) {
            if (words.acceptSign(",")) {
                continue;
            }
            if (words.acceptSign("=") || words.acceptSign("=>")) {
                list.append(" = ").append(value());
            } else {
                list.append(first ? "" : ", ").append(value());
            }
            first = false;
        }
        return list.append(" }").toString();
    }
}
