package smtpd.e2e.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Every input in `src/test/resources/fuzz/TARGET` once through its target: seeds, and whatever
/// `etc/fuzz` found and is now right.
class FuzzReplayTest {
    private static final Path INPUTS = Path.of("src/test/resources/fuzz");

    private static Map<String, Consumer<byte[]>> targets() {
        Map<String, Consumer<byte[]>> targets = new TreeMap<>();
        targets.put("address", AddressTarget::fuzzerTestOneInput);
        targets.put("conf", ConfTarget::fuzzerTestOneInput);
        targets.put("format", FormatTarget::fuzzerTestOneInput);
        targets.put("node", NodeTarget::fuzzerTestOneInput);
        return targets;
    }

    @TestFactory
    Stream<DynamicContainer> whatWasFoundHoldsNow() {
        return targets().entrySet().stream()
                .map(target ->
                        DynamicContainer.dynamicContainer(
                                target.getKey(), tests(target.getKey(), target.getValue())));
    }

    private static List<DynamicTest> tests(String name, Consumer<byte[]> target) {
        try (Stream<Path> inputs = Files.list(INPUTS.resolve(name))) {
            List<DynamicTest> tests =
                    inputs.sorted()
                            .map(input ->
                                    DynamicTest.dynamicTest(
                                            String.valueOf(input.getFileName()),
                                            () -> target.accept(Files.readAllBytes(input))))
                            .toList();
            assertFalse(tests.isEmpty(), name);
            return tests;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
