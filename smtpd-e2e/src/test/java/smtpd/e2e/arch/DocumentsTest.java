package smtpd.e2e.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;

import smtpd.core.conf.ConfParser;
import smtpd.core.conf.ConfResult;
import smtpd.core.conf.Keywords;
import smtpd.core.conf.OfflineEnvironment;
import smtpd.core.table.TableText;
import smtpd.e2e.arch.Documents.Page;
import smtpd.lka.expand.NodeParser;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What is written about the project is true as far as a program can tell.
class DocumentsTest {
    private static final int INDENT = 4;

    /// A line of a tree: blanks, a name, two blanks or more, a remark.
    private static final Pattern BRANCH = Pattern.compile("^( *)(\\S+?)(?: {2,}.*)?$");

    /// Pages of the system, and other names of pages of ours.
    private static final String[] OTHER_PAGES = {
        "crypt.3", "syslog.3", "passwd.5", "mailq.8", "makemap.8", "newaliases.8"
    };

    private static final Pattern CROSS_REFERENCE = Pattern.compile("(?m)^\\.Xr (\\S+) (\\d)");

    /// A row of the contracts: its number, and the tests in its last column.
    private static final Pattern CONTRACT = Pattern.compile("(?m)^\\| (C\\d) \\|.*\\| (.*) \\|$");

    private static final int CONTRACTS = 8;

    private final Findings findings = new Findings();

    @Test
    void linksLeadSomewhere() {
        int links = 0;
        for (Page page : Documents.markdown()) {
            for (String link : page.relativeLinks()) {
                links++;
                if (!Files.exists(Sources.root().resolve(page.path()).resolveSibling(link))) {
                    findings.add(page.path().toString(), "no such file: " + link);
                }
            }
        }
        findings.assertNone();
        assertTrue(links > 20, "links are found");
    }

    @Test
    void pathsExist() {
        int paths = 0;
        for (Page page : Documents.markdown()) {
            for (String path : page.quotedPaths()) {
                paths++;
                if (!path.contains("/target/") && !Files.exists(Sources.root().resolve(path))) {
                    findings.add(page.path().toString(), "no such file: " + path);
                }
            }
        }
        findings.assertNone();
        assertTrue(paths > 20, "paths are found");
    }

    @Test
    void theTreeOfTheArchitectureIsTheTreeOfTheProject() {
        String tree =
                Documents.page("ARCHITECTURE.md").blocks("").stream()
                        .filter(block -> block.startsWith("pom.xml"))
                        .findFirst()
                        .orElseThrow();
        List<Path> paths = paths(tree);
        for (Path path : paths) {
            if (!Files.exists(Sources.root().resolve(path))) {
                findings.add("ARCHITECTURE.md", "not in the tree: " + path);
            }
        }
        findings.assertNone();
        assertTrue(paths.size() > 30, "the tree is found");
    }

    private static List<Path> paths(String tree) {
        List<Path> paths = new ArrayList<>();
        Deque<Path> above = new ArrayDeque<>();
        for (String line : tree.lines().toList()) {
            Matcher branch = BRANCH.matcher(line);
            assertTrue(branch.matches(), line);
            while (above.size() > branch.group(1).length() / INDENT) {
                above.pop();
            }
            Path parent = above.isEmpty() ? Path.of("") : above.getFirst();
            Path path = parent.resolve(branch.group(2));
            paths.add(path);
            above.push(path);
        }
        return paths;
    }

    @Test
    void everyModuleIsInTheTree() {
        String architecture = Documents.page("ARCHITECTURE.md").text();
        Matcher module =
                Pattern.compile("<module>(.*?)</module>").matcher(Documents.page("pom.xml").text());
        while (module.find()) {
            assertTrue(architecture.contains("\n" + module.group(1) + "/"), module.group(1));
        }
    }

    @Test
    void theTestsOfTheContractsExist() {
        Set<String> tests = new TreeSet<>();
        Sources.java().stream()
                .filter(source -> !source.isMain())
                .forEach(source -> tests.add(source.type()));
        Matcher row = CONTRACT.matcher(Documents.page("ARCHITECTURE.md").text());
        int rows = 0;
        while (row.find()) {
            rows++;
            for (String name : row.group(2).replace("`", "").split(", ", -1)) {
                if (!tests.contains(name)) {
                    findings.add("ARCHITECTURE.md", row.group(1) + ": no test " + name);
                }
            }
        }
        findings.assertNone();
        assertEquals(CONTRACTS, rows);
    }

    @Test
    void configurationsOfTheManualAreAccepted() {
        List<String> displays = Documents.displays(Documents.page("doc/man/smtpd.conf.5"));
        displays.forEach(display -> check("smtpd.conf(5)", display));
        findings.assertNone();
        assertTrue(displays.size() > 5, "examples are found");
    }

    @Test
    void examplesOfTheAliasesPageAreRead() throws IOException, TableText.Malformed {
        List<String> displays = Documents.displays(Documents.page("doc/man/aliases.5"));
        check("aliases(5)", displays.getFirst());
        List<String> keys = new ArrayList<>();
        TableText.Kind kind =
                TableText.read(
                        new ByteArrayInputStream(displays.getLast().getBytes(UTF_8)),
                        (key, value) -> {
                            keys.add(key);
                            nodes("aliases(5)", NodeParser.value(value));
                        });
        assertEquals(TableText.Kind.MAPPING, kind);
        assertEquals(List.of("postmaster", "root", "list", "gone", "tickets"), keys);
        findings.assertNone();
    }

    @Test
    void examplesOfTheForwardPageAreRead() {
        List<String> displays = Documents.displays(Documents.page("doc/man/forward.5"));
        displays.forEach(display -> nodes("forward(5)", NodeParser.lines(display)));
        findings.assertNone();
        assertTrue(displays.size() > 2, "examples are found");
    }

    private void nodes(String where, NodeParser.Result result) {
        if (result instanceof NodeParser.Result.Malformed(String reason)) {
            findings.add(where, reason);
        }
    }

    @Test
    void configurationsOfTheReadmeAreAccepted() {
        List<String> blocks = Documents.page("README.md").blocks("smtpd.conf");
        blocks.forEach(block -> check("README.md", block));
        findings.assertNone();
        assertFalse(blocks.isEmpty());
    }

    /// Examples are parts of a configuration: a rule, without which there is none, is added.
    private void check(String where, String text) {
        ConfResult result =
                ConfParser.parse(
                        where,
                        text + "match reject\n",
                        Map.of(),
                        new OfflineEnvironment("mx.example.org"));
        result.errors().forEach(error -> findings.add(where, error + "\n" + text));
    }

    @Test
    void everyWordOfTheLanguageIsInTheManual() {
        Set<String> missing = new TreeSet<>(Keywords.all());
        missing.add("sandbox");
        missing.add("statistics");
        missing.add("backend");
        List<String> words =
                List.of(Documents.page("doc/man/smtpd.conf.5").text().split("[^\\w-]+", -1));
        missing.removeAll(words);
        assertEquals(Set.of(), missing);
    }

    @Test
    void referencesBetweenManualPagesLeadSomewhere() {
        Set<String> known = new TreeSet<>(Set.of(OTHER_PAGES));
        Documents.manual().forEach(page -> known.add(String.valueOf(page.path().getFileName())));
        for (Page page : Documents.manual()) {
            Matcher reference = CROSS_REFERENCE.matcher(page.text());
            while (reference.find()) {
                String name = reference.group(1) + "." + reference.group(2);
                if (!known.contains(name)) {
                    findings.add(page.path().toString(), "no manual page " + name);
                }
            }
        }
        findings.assertNone();
    }
}
