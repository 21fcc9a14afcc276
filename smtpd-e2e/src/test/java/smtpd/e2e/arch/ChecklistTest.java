package smtpd.e2e.arch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Every test and every file that `doc/CHECKLISTS.md` names exists.
class ChecklistTest {
    private static final Pattern METHOD = Pattern.compile("`([A-Z]\\w*Test)\\.(\\w+)`");
    private static final Pattern GOLDEN =
            Pattern.compile("`((?:printed|refused|warned)/[\\w-]+\\.in)`");

    private static final Pattern DIALOGUE = Pattern.compile("`([a-z0-9]+/[\\w-]+\\.smtp)`");

    private final Findings findings = new Findings();

    @Test
    void namedTestsExist() {
        String text = Documents.page("doc/CHECKLISTS.md").text();
        Matcher named = METHOD.matcher(text);
        int count = 0;
        while (named.find()) {
            count++;
            if (!exists(named.group(1), named.group(2))) {
                findings.add("doc/CHECKLISTS.md", "no such test: " + named.group());
            }
        }
        findings.assertNone();
        assertTrue(count > 50, "tests are found");
    }

    private static boolean exists(String type, String method) {
        return Sources.java().stream()
                .filter(source -> source.type().equals(type))
                .anyMatch(source -> source.text().contains(" " + method + "("));
    }

    @Test
    void namedConfigurationsExist() {
        Matcher named = GOLDEN.matcher(Documents.page("doc/CHECKLISTS.md").text());
        while (named.find()) {
            String path = "smtpd-core/src/test/resources/conf/" + named.group(1);
            if (!Files.exists(Sources.root().resolve(path))) {
                findings.add("doc/CHECKLISTS.md", "no such file: " + path);
            }
        }
        findings.assertNone();
    }

    @Test
    void namedDialoguesExist() {
        Matcher named = DIALOGUE.matcher(Documents.page("doc/CHECKLISTS.md").text());
        int count = 0;
        while (named.find()) {
            count++;
            String path = "smtpd-testkit/src/main/resources/dialogues/" + named.group(1);
            if (!Files.exists(Sources.root().resolve(path))) {
                findings.add("doc/CHECKLISTS.md", "no such file: " + path);
            }
        }
        findings.assertNone();
        assertTrue(count > 40, "dialogues are found");
    }
}
