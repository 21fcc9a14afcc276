package smtpd.e2e.arch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.e2e.arch.Sources.Source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Every enhanced status code that a source writes is a registered one (RFC 5248), as far as the
/// list in `resources/iana` knows them.
class EnhancedCodesTest {
    private static final Path REGISTRY =
            Path.of("smtpd-e2e/src/test/resources/iana/enhanced-status-codes.txt");

    /// In text, and in numbers.
    private static final Pattern WRITTEN =
            Pattern.compile(
                    "\"(?:[45]\\d\\d )?[245]\\.(\\d{1,3}\\.\\d{1,3})[ \"]"
                            + "|new Esc\\([245], (\\d+, \\d+)\\)");

    /// A refusal of ours without any.
    private static final Pattern BARE = Pattern.compile("Reply\\.of\\([45]\\d\\d\\b");

    private final Findings findings = new Findings();

    private static Set<String> registered() throws IOException {
        return Files.readString(Sources.root().resolve(REGISTRY))
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    @DisplayName("RFC 5248 §2: every code we answer with is registered")
    void everyCodeIsRegistered() throws IOException {
        Set<String> registered = registered();
        Set<String> seen = new TreeSet<>();
        for (Source source : Sources.mainJava()) {
            for (int i = 0; i < source.lines().size(); i++) {
                Matcher matcher = WRITTEN.matcher(source.lines().get(i));
                while (matcher.find()) {
                    String code =
                            matcher.group(1) != null
                                    ? matcher.group(1)
                                    : matcher.group(2).replace(", ", ".");
                    seen.add(code);
                    if (!registered.contains(code)) {
                        findings.add(source.at(i), "X." + code + " is not registered");
                    }
                }
            }
        }
        findings.assertNone();
        assertTrue(seen.size() > 25, () -> "only " + seen);
    }

    @Test
    @DisplayName("RFC 2034 §4: no refusal of ours is without a code")
    void noRefusalIsWithoutCode() {
        for (Source source : Sources.mainJava()) {
            for (int i = 0; i < source.lines().size(); i++) {
                if (BARE.matcher(source.lines().get(i)).find()) {
                    findings.add(source.at(i), "a refusal without an enhanced code");
                }
            }
        }
        findings.assertNone();
    }
}
