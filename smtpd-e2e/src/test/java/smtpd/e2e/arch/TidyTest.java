package smtpd.e2e.arch;

import org.junit.jupiter.api.Test;

import smtpd.e2e.arch.Sources.Source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// The house rules that can be read off the text: sizes, banned calls with what to use instead,
/// leftovers, names.
class TidyTest {
    private static final int FILE_LINES_MAX = 600;
    private static final int METHOD_LINES_MAX = 60;

    /// A call that is banned.
    ///
    /// @param call what it looks like
    /// @param instead what to use
    /// @param everywhere in tests too
    private record Ban(Pattern call, String instead, boolean everywhere) {}

    private static final List<Ban> BANS =
            List.of(
                    ban("Thread\\.sleep\\(", "Agenda.after, or wait for the event itself", true),
                    ban("System\\.currentTimeMillis\\(", "Agenda.now, or an InstantSource", true),
                    ban("\\bInstant\\.now\\(", "Agenda.now, or an InstantSource", true),
                    ban("\\bLocalDateTime\\.now\\(|\\bZonedDateTime\\.now\\(", "Agenda.now", true),
                    ban("new Random\\(", "a RandomGenerator that is handed in", false),
                    ban("\\bMath\\.random\\(", "a RandomGenerator that is handed in", true),
                    ban(
                            "\\bUUID\\.randomUUID\\(",
                            "an id record made from a RandomGenerator",
                            true),
                    ban("\\.printStackTrace\\(", "the log", true),
                    ban("\\bRuntime\\.getRuntime\\(\\)\\.exec\\(", "smtpd.core.sys.Spawn", true),
                    ban("new ProcessBuilder\\(", "smtpd.core.sys.Spawn", false),
                    ban("@Disabled\\b", "a test that runs, or none", true));

    private static final Pattern LEFTOVER =
            Pattern.compile("\\b(?:TO" + "DO|FIX" + "ME|XX" + "X)\\b");

    /// `NoData` is a word of the DNS.
    private static final Pattern VAGUE_NAME =
            Pattern.compile(
                    "^(?!NoData$).*\\w(?:Manager|Helper|Helpers|Util|Utils|Impl|Data|Info)$");

    /// Places of one machine.
    private static final Pattern PRIVATE_PLACE =
            Pattern.compile("(?<![\\w.}/])/(?:work|Users|root|mnt|media)/\\w");

    private final Findings findings = new Findings();

    private static Ban ban(String call, String instead, boolean everywhere) {
        return new Ban(Pattern.compile(call), instead, everywhere);
    }

    @Test
    void noFileIsLongerThanAReaderBears() {
        for (Source source : Sources.java()) {
            int lines = source.lines().size();
            if (lines > FILE_LINES_MAX) {
                findings.add(source.path().toString(), lines + " lines, at most " + FILE_LINES_MAX);
            }
        }
        findings.assertNone();
    }

    @Test
    void noMethodIsLongerThanTheWallAndNoNameIsVague() throws IOException {
        Path root = Sources.root();
        List<Path> files = Sources.java().stream().map(it -> root.resolve(it.path())).toList();
        Methods.visit(
                files,
                new Methods.Visitor() {
                    @Override
                    public void type(String file, String name) {
                        if (VAGUE_NAME.matcher(name).find()) {
                            findings.add(file, "the name " + name + " says nothing");
                        }
                    }

                    @Override
                    public void method(String file, String name, long lines) {
                        if (lines > METHOD_LINES_MAX) {
                            findings.add(
                                    file,
                                    "%s has %d lines, at most %d"
                                            .formatted(name, lines, METHOD_LINES_MAX));
                        }
                    }
                });
        findings.assertNone();
    }

    @Test
    void noBannedCalls() {
        for (Source source : Sources.java()) {
            if (!source.type().equals("TidyTest")) {
                eachCodeLine(source, this::checkBans);
            }
        }
        findings.assertNone();
    }

    private void checkBans(Source source, int index, String line) {
        for (Ban ban : BANS) {
            if ((source.isMain() || ban.everywhere) && ban.call.matcher(line).find()) {
                findings.add(source.at(index), "use " + ban.instead + " instead of " + ban.call);
            }
        }
    }

    private interface LineCheck {
        void check(Source source, int index, String line);
    }

    private static void eachCodeLine(Source source, LineCheck check) {
        eachLine(
                source,
                (from, index, line) -> {
                    if (!line.strip().startsWith("//")) {
                        check.check(from, index, line);
                    }
                });
    }

    private static void eachLine(Source source, LineCheck check) {
        List<String> lines = source.lines();
        for (int i = 0; i < lines.size(); i++) {
            check.check(source, i, lines.get(i));
        }
    }

    @Test
    void nothingIsLeftOver() {
        for (Source source : Sources.written()) {
            eachLine(
                    source,
                    (from, index, line) -> {
                        if (LEFTOVER.matcher(line).find()) {
                            findings.add(from.at(index), "a leftover: do it, or open an issue");
                        }
                        if (PRIVATE_PLACE.matcher(line).find()) {
                            findings.add(from.at(index), "a place of one machine");
                        }
                        if (line.indexOf('\t') >= 0) {
                            findings.add(from.at(index), "a tab");
                        }
                    });
        }
        findings.assertNone();
    }

    @Test
    void documentationCommentsAreMarkdown() {
        for (Source source : Sources.java()) {
            eachLine(
                    source,
                    (from, index, line) -> {
                        if (line.strip().startsWith("/*" + "*")) {
                            findings.add(from.at(index), "use ///");
                        }
                    });
        }
        findings.assertNone();
    }
}
