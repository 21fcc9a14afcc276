package smtpd.e2e.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import smtpd.e2e.scenario.Distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Each folder of `src/test/resources/conf/refused-n` is an `smtpd.conf`, the files it names, the
/// `arguments` of `bin/smtpd`, and `expected`: what it prints and its exit status. `@DIR@` stands
/// for the folder; files that end in `.key` belong to nobody else, but for `open.key`.
/// `-Dgolden.update=true` writes what was found over what was expected.
class CheckCommandTest {
    private static final Path CASES = Path.of("src/test/resources/conf/refused-n");
    private static final Path KEYS = Path.of("../smtpd-core/src/test/resources/pki");
    private static final String HERE = "@DIR@";

    @TempDir Path temporary;

    @TestFactory
    Stream<DynamicTest> commandSaysWhatIsWrongAndExits() throws IOException {
        try (Stream<Path> cases = Files.list(CASES)) {
            return cases.sorted().toList().stream()
                    .map(each ->
                            DynamicTest.dynamicTest(
                                    String.valueOf(each.getFileName()), () -> check(each)));
        }
    }

    private void check(Path folder) throws IOException, InterruptedException {
        Path work = Files.createDirectory(temporary.resolve(String.valueOf(folder.getFileName())));
        copy(KEYS, work);
        copy(folder, work);
        String[] lines = Files.readString(folder.resolve("arguments")).strip().split("\n", -1);
        StringBuilder found = new StringBuilder();
        for (String line : lines) {
            found.append(run(work, line));
        }
        Path expected = folder.resolve("expected");
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(expected, found);
        }
        assertEquals(Files.readString(expected), found.toString());
    }

    private static String run(Path work, String line) throws IOException, InterruptedException {
        List<String> arguments = List.of(line.replace(HERE, work.toString()).split(" ", -1));
        Distribution.Result result =
                Distribution.run(
                        Distribution.built().command("smtpd", arguments), Map.of(), new byte[0]);
        String printed = result.output().replace("configuration OK\n", "");
        Files.writeString(work.resolve("output"), printed);
        return "$ smtpd "
                + line
                + "\n"
                + result.output().replace(work.toString(), HERE)
                + "[exit "
                + result.status()
                + "]\n";
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                String text = Files.readString(file, UTF_8).replace(HERE, to.toString());
                Path copy = Files.writeString(to.resolve(name), text);
                boolean secret = name.endsWith(".key") && !name.equals("open.key");
                Files.setPosixFilePermissions(
                        copy, PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--"));
            }
        }
    }
}
