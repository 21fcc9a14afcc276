package smtpd.filter.dnsbl;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// The command line of filter-dnsbl(8).
public final class Main {
    private static final String USAGE =
            "usage: filter-dnsbl [-n] [-f file] [-o directive] [zone ...]";

    private Main() {}

    /// Runs until the server closes the standard input.
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.err));
    }

    /// Exit status 0, or 1 after an error.
    static int run(String[] arguments, PrintStream errors) {
        SettingsReader reader = new SettingsReader();
        Deque<String> words = new ArrayDeque<>(List.of(arguments));
        boolean checkOnly = false;
        try {
            while (!words.isEmpty()) {
                String word = words.remove();
                switch (word) {
                    case "-n" -> checkOnly = true;
                    case "-f" -> readFile(reader, value(words));
                    case "-o" -> reader.read(value(words));
                    default -> reader.read("list " + zone(word));
                }
            }
            Settings settings = reader.settings();
            return checkOnly ? 0 : new Dnsbl(settings).filter().run();
        } catch (IOException | IllegalArgumentException e) {
            errors.println("filter-dnsbl: " + e.getMessage());
            return 1;
        }
    }

    private static String zone(String word) {
        if (word.startsWith("-")) {
            throw new IllegalArgumentException(USAGE);
        }
        return word;
    }

    private static String value(Deque<String> words) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException(USAGE);
        }
        return words.remove();
    }

    private static void readFile(SettingsReader reader, String file) throws IOException {
        List<String> lines = Files.readAllLines(Path.of(file), StandardCharsets.UTF_8);
        for (int i = 0; i < lines.size(); i++) {
            try {
                reader.read(lines.get(i));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(file + ":" + (i + 1) + ": " + e.getMessage(), e);
            }
        }
    }
}
