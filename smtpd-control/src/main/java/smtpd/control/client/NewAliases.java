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
import smtpd.core.table.TableText;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// `newaliases [-f FILE]`: checks the file of the table `aliases` in the configuration, makes it
/// anew if it is a `db`, and has a running daemon read it again.
final class NewAliases {
    /// The table's name (OpenSMTPD: the same, and fixed).
    private static final String TABLE = "aliases";

    /// What the name of a file of makemap(8) ends with.
    private static final String SUFFIX = ".db";

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
        int status =
                switch (table) {
                    case TableConf.DbTable db -> make(db.path());
                    case TableConf.FileTable file -> count(file.path());
                    case TableConf.BackendTable _, TableConf.StaticList _, TableConf.StaticMap _ ->
                            Exit.OK;
                };
        return status == Exit.OK && running()
                ? new Smtpctl(console, caller.socket()).command(new CtlToControl.UpdateTable(TABLE))
                : status;
    }

    /// Makes the file of a `db` table out of the text beside it.
    private int make(String db) throws IOException {
        if (!db.endsWith(SUFFIX)) {
            return console.fail(Exit.FAILED, db + ": its name does not end with " + SUFFIX);
        }
        Path source = Path.of(db.substring(0, db.length() - SUFFIX.length()));
        return read(source, in -> MakeMap.write(in, source, Path.of(db), TableText.Kind.MAPPING));
    }

    private int count(String file) throws IOException {
        return read(
                Path.of(file),
                in -> {
                    AtomicInteger entries = new AtomicInteger();
                    TableText.read(in, (key, value) -> entries.incrementAndGet());
                    return entries.get();
                });
    }

    /// Does something with the lines of an aliases file.
    @FunctionalInterface
    private interface Reading {
        /// Returns how many entries there are.
        int of(InputStream text) throws IOException, TableText.Malformed;
    }

    private int read(Path source, Reading reading) throws IOException {
        List<String> wrong = check(source);
        wrong.forEach(console.err()::println);
        if (!wrong.isEmpty()) {
            return Exit.FAILED;
        }
        try (InputStream in = Files.newInputStream(source)) {
            console.out().println(source + ": " + reading.of(in) + " aliases");
            return Exit.OK;
        } catch (TableText.Malformed e) {
            console.err().println(e.in(source.toString()));
            return Exit.FAILED;
        }
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
    static List<String> check(Path file) throws IOException {
        List<String> wrong = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                Files.newInputStream(file), StandardCharsets.ISO_8859_1))) {
            @Nullable String line = lines.readLine();
            for (int number = 1; line != null; number++) {
                @Nullable String next = lines.readLine();
                String why = problem(line, next != null && isFolded(next));
                if (!why.isEmpty()) {
                    wrong.add(file + ":" + number + ": " + why);
                }
                line = next;
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
}
