package smtpd.core.conf;

import smtpd.core.mail.Secret;
import smtpd.core.smtp.Domains;

import java.util.ArrayList;
import java.util.List;

/// Reads `statistics …`, after its first word. Our own directive, so that its words are not
/// reserved.
final class StatisticsParser {
    private static final int PORT_MAX = 65_535;

    private final Tokens tokens;
    private final Draft draft;

    StatisticsParser(Tokens tokens, Draft draft) {
        this.tokens = tokens;
        this.draft = draft;
    }

    void directive() throws SyntaxError {
        StatisticsConf before = draft.options.statistics;
        if (tokens.acceptWord("ram")) {
            return;
        }
        if (tokens.acceptWord("sqlite")) {
            draft.options.statistics = new StatisticsConf(true, before.pages(), before.receivers());
        } else if (tokens.acceptWord("http")) {
            List<StatisticsConf.Page> pages = new ArrayList<>(before.pages());
            pages.add(page());
            bound(pages.size());
            draft.options.statistics = new StatisticsConf(before.kept(), pages, before.receivers());
        } else if (tokens.acceptWord("statsd")) {
            List<StatisticsConf.Receiver> receivers = new ArrayList<>(before.receivers());
            receivers.add(receiver());
            bound(receivers.size());
            draft.options.statistics = new StatisticsConf(before.kept(), before.pages(), receivers);
        } else {
            throw tokens.unexpected(List.of("http", "ram", "sqlite", "statsd"));
        }
    }

    private void bound(int count) throws SyntaxError {
        if (count > StatisticsConf.MAX) {
            throw tokens.fail("no more than " + StatisticsConf.MAX + " of a kind");
        }
    }

    /// `http on ADDRESS port N` or `http socket PATH`, then `token WORD` or `token file PATH`.
    private StatisticsConf.Page page() throws SyntaxError {
        return new StatisticsConf.Page(door(), token());
    }

    private StatisticsConf.Token token() throws SyntaxError {
        if (!tokens.acceptWord("token")) {
            return new StatisticsConf.Token.None();
        }
        tokens.secret(true);
        if (tokens.acceptWord("file")) {
            return new StatisticsConf.Token.File(tokens.string("a file"));
        }
        String word = tokens.string("a token");
        if (word.length() < StatisticsConf.TOKEN_MIN) {
            throw tokens.fail("a token has at least " + StatisticsConf.TOKEN_MIN + " characters");
        }
        return new StatisticsConf.Token.Word(new Secret(word));
    }

    private StatisticsConf.Door door() throws SyntaxError {
        if (tokens.accept("socket")) {
            String path = tokens.string("a path");
            if (!path.startsWith("/")) {
                throw tokens.fail("the path of a socket begins with a slash: " + path);
            }
            return new StatisticsConf.Door.Local(path);
        }
        tokens.expect("on");
        String address = tokens.string("a loopback address");
        String literal = literal(address);
        boolean loopback = literal.startsWith("127.") || literal.equals("::1");
        if (!loopback) {
            throw tokens.fail(
                    "statistics are served on loopback addresses only, for nobody is asked for a"
                            + " password: "
                            + address);
        }
        tokens.expect("port");
        return new StatisticsConf.Door.Inet(literal, port());
    }

    /// `statsd ADDRESS [port N]`.
    private StatisticsConf.Receiver receiver() throws SyntaxError {
        String address = tokens.string("an address");
        String literal = literal(address);
        int port = tokens.accept("port") ? port() : StatisticsConf.STATSD_PORT;
        return new StatisticsConf.Receiver(literal, port);
    }

    private String literal(String address) throws SyntaxError {
        if (address.equals("localhost")) {
            return "127.0.0.1";
        }
        if (!Domains.isIpv4(address) && !Domains.isIpv6(address)) {
            throw tokens.fail("not an address: " + address);
        }
        return address;
    }

    private int port() throws SyntaxError {
        long port = tokens.number("a port");
        if (port < 1 || port > PORT_MAX) {
            throw tokens.fail("invalid port: " + port);
        }
        return (int) port;
    }
}
