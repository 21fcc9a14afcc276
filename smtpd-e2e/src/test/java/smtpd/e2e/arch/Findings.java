package smtpd.e2e.arch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

/// What a look over the sources found wrong, told all at once.
final class Findings {
    private final List<String> found = new ArrayList<>();

    void add(String where, String what) {
        found.add(where + ": " + what);
    }

    /// Fails if anything was found.
    void assertNone() {
        assertTrue(found.isEmpty(), () -> "\n" + String.join("\n", found) + "\n");
    }
}
