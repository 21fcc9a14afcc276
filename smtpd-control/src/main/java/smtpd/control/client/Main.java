package smtpd.control.client;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The programs that talk to a running daemon; the name it is called by says which one is meant.
public final class Main {
    private static final String PREFIX = "--prefix";

    private Main() {}

    /// Runs the program that the system property `smtpd.program` names.
    public static void main(String[] args) {
        String program = System.getProperty("smtpd.program", "smtpctl");
        Runtime.getRuntime().halt(call(program, System.getenv(), List.of(args)));
    }

    /// Runs a program on the standard streams; returns its exit status.
    ///
    /// @param program `smtpctl`, `sendmail`, `mailq`, …
    public static int call(
            String program, Map<String, String> environment, List<String> arguments) {
        Console console =
                new Console(
                        program,
                        new FileInputStream(FileDescriptor.in),
                        stream(FileDescriptor.out),
                        stream(FileDescriptor.err));
        int status = run(console, environment, arguments);
        console.out().flush();
        console.err().flush();
        return status;
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor)),
                false,
                StandardCharsets.UTF_8);
    }

    /// The program, with everything it depends on.
    static int run(Console console, Map<String, String> environment, List<String> arguments) {
        List<String> rest = new ArrayList<>(arguments);
        String prefix = "";
        if (!rest.isEmpty() && rest.getFirst().startsWith(PREFIX + "=")) {
            prefix = rest.removeFirst().substring(PREFIX.length() + 1);
        } else if (rest.size() > 1 && rest.getFirst().equals(PREFIX)) {
            rest.removeFirst();
            prefix = rest.removeFirst();
        }
        Caller caller = Caller.of(environment, prefix);
        return switch (console.program()) {
            case "sendmail", "send-mail" -> new Sendmail(console, caller).run(rest);
            case "mailq" -> new Smtpctl(console, caller.socket()).showQueue();
            case "newaliases" -> new NewAliases(console, caller).run(rest);
            case "makemap" -> new MakeMap(console).run(rest);
            default -> new Smtpctl(console, caller.socket()).run(rest);
        };
    }
}
