package smtpd.core.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Configurations and what is printed about them, side by side in files. `-Dgolden.update=true`
/// writes what was found over what was expected.
class GoldenTest {
    private static final Path ROOT = Path.of("src/test/resources/conf");

    private static Stream<Path> inputs(String folder) throws IOException {
        try (Stream<Path> list = Files.list(ROOT.resolve(folder))) {
            return list.filter(path -> path.toString().endsWith(".in")).sorted().toList().stream();
        }
    }

    private static ConfResult parse(String text) {
        return ConfParser.parse(
                "smtpd.conf", text, Map.of(), new OfflineEnvironment("mail.example.org"));
    }

    private static void expect(Path input, String extension, String found) throws IOException {
        Path expected = Path.of(input.toString().replaceFirst("in$", extension));
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(expected, found);
        }
        assertEquals(Files.readString(expected), found);
    }

    private static String lines(List<?> values) {
        return values.stream().map(value -> value + "\n").collect(Collectors.joining());
    }

    @TestFactory
    Stream<DynamicTest> acceptedConfigurationsPrintAsExpectedAndReadBackEqual() throws IOException {
        return inputs("printed")
                .map(input ->
                        DynamicTest.dynamicTest(
                                input.getFileName().toString(), () -> printed(input)));
    }

    private static void printed(Path input) throws IOException {
        ConfResult result = parse(Files.readString(input));
        assertEquals(List.of(), result.errors());
        Config config = result.config();
        assertNotNull(config);
        String printed = ConfPrinter.print(config);
        expect(input, "out", printed);
        ConfResult again = parse(printed);
        assertEquals(List.of(), again.errors());
        Config reread = again.config();
        assertNotNull(reread);
        assertEquals(config.unplaced(), reread.unplaced());
        assertEquals(printed, ConfPrinter.print(reread));
    }

    @TestFactory
    Stream<DynamicTest> refusedConfigurationsSayWhatIsWrong() throws IOException {
        return inputs("refused")
                .map(input ->
                        DynamicTest.dynamicTest(
                                input.getFileName().toString(), () -> refused(input)));
    }

    private static void refused(Path input) throws IOException {
        ConfResult result = parse(Files.readString(input));
        expect(input, "err", lines(result.errors()));
        assertNull(result.config());
    }

    @TestFactory
    Stream<DynamicTest> mistakesAreWarnedOf() throws IOException {
        return inputs("warned")
                .map(input ->
                        DynamicTest.dynamicTest(
                                input.getFileName().toString(), () -> warned(input)));
    }

    private static void warned(Path input) throws IOException {
        ConfResult result = parse(Files.readString(input));
        assertEquals(List.of(), result.errors());
        expect(input, "warn", lines(result.warnings()));
    }
}
