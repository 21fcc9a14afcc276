package smtpd.e2e.fuzz;

import smtpd.core.conf.HostEnvironment;
import smtpd.core.mail.Bytes;
import smtpd.lka.expand.Node;
import smtpd.lka.expand.NodeParser;

import java.util.Locale;

/// Values of aliases, include files and `.forward`: nodes that say only what their kind may.
public final class NodeTarget {
    private static final int CODE_MIN = 400;
    private static final int CODE_MAX = 599;

    private NodeTarget() {}

    /// One run.
    public static void fuzzerTestOneInput(byte[] input) {
        String text = HostEnvironment.decode(input);
        check(NodeParser.value(text));
        check(NodeParser.lines(text));
        check(NodeParser.forward(Bytes.of(input)));
    }

    private static void check(NodeParser.Result result) {
        if (result instanceof NodeParser.Result.Nodes nodes) {
            nodes.nodes().forEach(NodeTarget::check);
        }
    }

    private static void check(Node node) {
        switch (node) {
            case Node.Address(var addr) -> {
                Holds.check(!addr.domain().isEmpty(), "address without a domain");
                plain(addr.toString());
            }
            case Node.User(String name) -> {
                Holds.check(name.matches("[a-z0-9._+-]+"), "user: " + name);
                Holds.check(name.equals(name.toLowerCase(Locale.ROOT)), "user: " + name);
            }
            case Node.Refuse(int code, String text) -> {
                Holds.check(code >= CODE_MIN && code <= CODE_MAX, "code: " + code);
                Holds.check(text.chars().allMatch(c -> c >= ' ' && c < 0x7f), "text: " + text);
            }
            case Node.Include(String path) -> path(path);
            case Node.Pipe(String command) -> {
                Holds.check(!command.isBlank(), "no command");
                plain(command);
            }
            case Node.AppendTo(String path) -> path(path);
        }
    }

    private static void path(String path) {
        Holds.check(path.startsWith("/"), "path: " + path);
        plain(path);
    }

    /// No line break can reach a log, an envelope or a shell.
    private static void plain(String text) {
        Holds.check(text.chars().noneMatch(c -> c < ' ' || c == 0x7f), "control: " + text);
    }
}
