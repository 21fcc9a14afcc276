package smtpd.control.client;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.ConfEnvironment;
import smtpd.core.conf.ConfParser;
import smtpd.core.conf.ConfResult;
import smtpd.core.conf.Config;
import smtpd.core.conf.HostEnvironment;
import smtpd.core.conf.OfflineEnvironment;
import smtpd.core.conf.TableConf;
import smtpd.core.imsg.CtlToControl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `newaliases [-f FILE]`: checks the file of the table `aliases` in the configuration, and has a
/// running daemon read it again.
final class NewAliases {
    /// The table's name (OpenSMTPD: the same, and fixed).
    private static final String TABLE = "aliases";

    private final Console console;
    private final Caller caller;

    NewAliases(Console console, Caller caller) {
        this.console = console;
        this.caller = caller;
    }

    int run(List<String> arguments) {
        Path config = caller.paths().config();
        if (arguments.size() == 2 && arguments.getFirst().equals("-f")) {
            config = Path.of(arguments.get(1));
        } else if (!arguments.isEmpty()) {
            return console.fail(Exit.FAILED, "usage: newaliases [-f file]");
        }
        try {
            return run(config);
        } catch (IOException e) {
            return console.fail(Exit.FAILED, "cannot read " + e.getMessage());
        }
    }

    private int run(Path config) throws IOException {
        @Nullable TableConf table = table(config);
        if (table == null) {
            return console.fail(Exit.FAILED, config + ": no table " + TABLE);
        }
        if (table instanceof TableConf.DbTable) {
            return console.fail(
                    Exit.FAILED, "tables made of db files are not available in this version");
        }
        if (table instanceof TableConf.FileTable file) {
            String text = HostEnvironment.decode(Files.readAllBytes(Path.of(file.path())));
            List<String> wrong = check(file.path(), text);
            wrong.forEach(console.err()::println);
            if (!wrong.isEmpty()) {
                return Exit.FAILED;
            }
            console.out().println(file.path() + ": " + entries(text) + " aliases");
        }
        return running()
                ? new Smtpctl(console, caller.socket()).command(new CtlToControl.UpdateTable(TABLE))
                : Exit.OK;
    }

    private boolean running() {
        try (ControlConnection control = ControlConnection.open(caller.socket())) {
            return control.channel().isConnected();
        } catch (IOException _) {
            return false;
        }
    }

    private @Nullable TableConf table(Path config) throws IOException {
        String text = HostEnvironment.decode(Files.readAllBytes(config));
        ConfResult result =
                ConfParser.parse(config.toString(), text, Map.of(), new ReadableFiles("localhost"));
        result.errors().forEach(console.err()::println);
        Config parsed = result.config();
        return parsed == null ? null : parsed.tables().get(TABLE);
    }

    /// Takes everything to exist, and reads what the configuration includes.
    private record ReadableFiles(String hostname) implements ConfEnvironment {
        private OfflineEnvironment rest() {
            return new OfflineEnvironment(hostname);
        }

        @Override
        public Text read(String path) {
            try {
                return new Text.Found(HostEnvironment.decode(Files.readAllBytes(Path.of(path))));
            } catch (IOException e) {
                return new Text.Missing(String.valueOf(e.getMessage()));
            }
        }

        @Override
        public int servicePort(String name) {
            return rest().servicePort(name);
        }

        @Override
        public boolean canListen(String target, smtpd.core.conf.Family family) {
            return true;
        }

        @Override
        public FileKind tableFile(String path) {
            return new FileKind.Either();
        }

        @Override
        public boolean hasTableProgram(String backend) {
            return true;
        }

        @Override
        public @Nullable String certificateProblem(String path) {
            return null;
        }

        @Override
        public @Nullable String keyProblem(String path) {
            return null;
        }
    }

    /// What is wrong with the lines of an aliases file, as `FILE:LINE: why`.
    static List<String> check(String file, String text) {
        List<String> wrong = new ArrayList<>();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            boolean goesOn = i + 1 < lines.length && isFolded(lines[i + 1]);
            String why = problem(lines[i], goesOn);
            if (!why.isEmpty()) {
                wrong.add(file + ":" + (i + 1) + ": " + why);
            }
        }
        return wrong;
    }

    private static boolean isFolded(String line) {
        return !line.isBlank() && (line.startsWith(" ") || line.startsWith("\t"));
    }

    private static boolean isEntry(String line) {
        return !line.isBlank() && line.strip().charAt(0) != '#' && !isFolded(line);
    }

    private static String problem(String line, boolean goesOn) {
        if (!isEntry(line)) {
            return "";
        }
        int end = 0;
        while (end < line.length() && " \t:".indexOf(line.charAt(end)) < 0) {
            end++;
        }
        String value = line.substring(end).strip();
        if (value.startsWith(":") && !value.startsWith(":include:")) {
            value = value.substring(1).strip();
        }
        if (end == 0) {
            return "no name before the colon";
        }
        if (value.isEmpty() && !goesOn) {
            return line.substring(0, end) + ": no destination";
        }
        return quotes(value) % 2 == 0 ? "" : "a quote that does not end";
    }

    private static int quotes(String value) {
        int count = 0;
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) == '\\') {
                i++;
            } else if (value.charAt(i) == '"') {
                count++;
            }
        }
        return count;
    }

    private static long entries(String text) {
        return text.lines().filter(NewAliases::isEntry).count();
    }
}
