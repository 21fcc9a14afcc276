package smtpd.e2e.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// What the build made to be installed, and how to run its programs.
///
/// @param directory with `bin` and `lib`
public record Distribution(Path directory) {
    /// A program that takes longer than this is stuck.
    private static final long PROGRAM_SECONDS = 120;

    /// The one the module before this one made.
    ///
    /// @throws IllegalStateException if there is none
    public static Distribution built() {
        Path directory = Path.of("../smtpd-dist/target/smtpd").toAbsolutePath().normalize();
        if (!Files.isExecutable(directory.resolve("bin/smtpd"))) {
            throw new IllegalStateException(
                    directory + " is missing: make it with `mvn -DskipTests package`");
        }
        return new Distribution(directory);
    }

    /// The command line of a program.
    public List<String> command(String program, List<String> arguments) {
        List<String> words = new ArrayList<>();
        words.add(directory.resolve("bin").resolve(program).toString());
        words.addAll(arguments);
        return words;
    }

    /// How a program ended.
    ///
    /// @param status its exit status
    /// @param output its standard output and standard error
    public record Result(int status, String output) {}

    /// Runs a command line to its end.
    ///
    /// @param words the command line
    /// @param environment added to ours
    /// @param input its standard input
    public static Result run(List<String> words, Map<String, String> environment, byte[] input)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        Thread feeder = Thread.ofVirtual().start(() -> feed(process, input));
        Thread.ofVirtual().start(() -> endLate(process));
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        int status = process.waitFor();
        feeder.join();
        return new Result(status, output);
    }

    private static void endLate(Process process) {
        try {
            if (!process.waitFor(PROGRAM_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void feed(Process process, byte[] input) {
        try (OutputStream out = process.getOutputStream()) {
            out.write(input);
        } catch (IOException _) {
            return; // a program need not read what it is given
        }
    }
}
