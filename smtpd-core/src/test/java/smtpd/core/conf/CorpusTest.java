package smtpd.core.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Published configurations get the verdict that OpenSMTPD gives them. The collection lies beside
/// the sources or where the system property `smtpd.corpus` says; without it these tests are
/// skipped.
class CorpusTest {
    private static Path corpus() {
        List<Path> places =
                Stream.of(
                                System.getProperty("smtpd.corpus", ""),
                                "../../shared/corpus",
                                "../../../shared/corpus")
                        .map(Path::of)
                        .filter(path -> Files.isDirectory(path.resolve("accepted")))
                        .toList();
        Assumptions.assumeFalse(
                places.isEmpty(), "no collection of configurations: set -Dsmtpd.corpus=DIR");
        return places.getFirst();
    }

    private static List<Path> files(String folder) throws IOException {
        try (Stream<Path> list = Files.list(corpus().resolve(folder))) {
            return list.filter(path -> path.toString().endsWith(".conf")).sorted().toList();
        }
    }

    private static ConfResult parse(Path path) throws IOException {
        String text = Files.readString(path, StandardCharsets.UTF_8);
        return ConfParser.parse("FILE", text, Map.of(), new OfflineEnvironment("mail.example.org"));
    }

    @Test
    @DisplayName("what OpenSMTPD accepts is accepted")
    void acceptedFilesAreAccepted() throws IOException {
        List<String> wrong = new ArrayList<>();
        List<Path> files = files("accepted");
        for (Path path : files) {
            ConfResult result = parse(path);
            if (!result.errors().isEmpty()) {
                wrong.add(path.getFileName() + " " + result.errors());
            }
        }
        assertEquals(List.of(), wrong, wrong.size() + " of " + files.size());
    }

    @Test
    @DisplayName("what OpenSMTPD rejects is rejected, at the same line")
    void rejectedFilesAreRejectedAtTheSameLine() throws IOException {
        List<String> wrong = new ArrayList<>();
        List<String> verdicts = Files.readAllLines(corpus().resolve("verdicts.tsv"));
        for (Path path : files("rejected")) {
            String name = path.getFileName().toString();
            String expected =
                    verdicts.stream()
                            .filter(line -> line.startsWith(name + "\t"))
                            .findFirst()
                            .orElseThrow()
                            .replaceFirst("^[^\t]*\t([^\t]*)(\t.*)?$", "$1");
            List<ConfError> errors = parse(path).errors();
            String first = errors.isEmpty() ? "none" : errors.getFirst().toString();
            String line = expected.replaceFirst("(?s)^(FILE:[0-9]+:).*", "$1");
            boolean same =
                    errors.isEmpty() ? false : !line.startsWith("FILE") || first.startsWith(line);
            if (!same) {
                wrong.add(name + " expected " + expected + " found " + first);
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    @DisplayName("a configuration in the old grammar is named as one, in one line")
    void oldGrammarIsNamed() throws IOException {
        for (Path path : files("old-grammar")) {
            List<ConfError> errors = parse(path).errors();
            assertTrue(
                    errors.stream().anyMatch(error -> error.text().contains("--convert")),
                    () -> path + " " + errors);
        }
    }

    @Test
    @DisplayName("a configuration in the old grammar converts to an accepted one")
    void oldGrammarConverts() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path path : files("old-grammar")) {
            String converted = Converter.convert(Files.readString(path, StandardCharsets.UTF_8));
            ConfResult result =
                    ConfParser.parse(
                            "FILE",
                            converted,
                            Map.of(),
                            new OfflineEnvironment("mail.example.org"));
            if (!result.errors().isEmpty()) {
                wrong.add(path.getFileName() + " " + result.errors() + "\n" + converted);
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    @DisplayName("what is accepted prints as a configuration that means the same")
    void acceptedFilesPrintAndParseEqual() throws IOException {
        for (Path path : files("accepted")) {
            Config config = parse(path).config();
            assertNotNull(config, path::toString);
            String printed = ConfPrinter.print(config);
            ConfResult again =
                    ConfParser.parse(
                            "FILE", printed, Map.of(), new OfflineEnvironment("mail.example.org"));
            assertEquals(List.of(), again.errors(), () -> path + "\n" + printed);
            Config reread = again.config();
            assertNotNull(reread);
            assertEquals(config.unplaced(), reread.unplaced(), () -> path + "\n" + printed);
        }
    }
}
