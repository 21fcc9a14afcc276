package smtpd.control.client;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Runs the programs as a shell would.
final class Programs {
    private final Map<String, String> environment = new HashMap<>();

    /// What a run left behind.
    record Result(int status, String out, String err) {}

    Programs(Path prefix) {
        environment.put("SMTPD_PREFIX", prefix.toString());
    }

    Programs with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Result run(String program, String input, String... arguments) {
        return run(program, input.getBytes(StandardCharsets.UTF_8), arguments);
    }

    Result run(String program, byte[] input, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream outStream = new PrintStream(out, false, StandardCharsets.UTF_8);
        PrintStream errStream = new PrintStream(err, false, StandardCharsets.UTF_8);
        Console console =
                new Console(program, new ByteArrayInputStream(input), outStream, errStream);
        int status = Main.run(console, environment, List.of(arguments));
        outStream.flush();
        errStream.flush();
        return new Result(
                status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
