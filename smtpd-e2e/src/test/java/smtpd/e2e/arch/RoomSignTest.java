package smtpd.e2e.arch;

import static java.util.stream.Collectors.toCollection;

import org.junit.jupiter.api.Test;

import smtpd.e2e.arch.Sources.Source;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The sign on every door: what a process is, in the same words and order everywhere.
class RoomSignTest {
    private static final List<String> HEADINGS =
            List.of(
                    "Purpose",
                    "Runs as",
                    "Peers",
                    "Trusts",
                    "Standards",
                    "Diagnostics",
                    "Configuration",
                    "Start reading at");

    private static final List<String> PROCESSES =
            List.of("parent", "smtp", "lka", "queue", "scheduler", "mta", "mda", "ca", "control");

    private final List<Source> sources = Sources.java();
    private final Findings findings = new Findings();

    @Test
    void everyProcessHasItsSign() {
        for (String process : PROCESSES) {
            Optional<Source> sign =
                    sources.stream()
                            .filter(it -> it.isMain() && it.isPackageInfo())
                            .filter(it -> it.packageName().equals("smtpd." + process))
                            .findFirst();
            if (sign.isEmpty()) {
                findings.add("smtpd." + process, "no package-info.java");
            } else {
                checkSign(sign.get());
            }
        }
        findings.assertNone();
    }

    private void checkSign(Source sign) {
        List<String> headings =
                sign.lines().stream()
                        .filter(line -> line.startsWith("/// # "))
                        .map(line -> line.substring("/// # ".length()))
                        .toList();
        if (!headings.equals(HEADINGS)) {
            findings.add(
                    sign.path().toString(),
                    "headings `/// # …` are " + headings + ", not " + HEADINGS);
        }
    }

    @Test
    void everyPackageSaysWhatItIsAndIsNullMarked() {
        Set<String> signed =
                sources.stream()
                        .filter(Source::isPackageInfo)
                        .filter(it -> it.text().contains("@NullMarked"))
                        .filter(it -> it.text().startsWith("///"))
                        .map(Source::packageName)
                        .collect(toCollection(TreeSet::new));
        sources.stream()
                .map(Source::packageName)
                .distinct()
                .filter(name -> !signed.contains(name))
                .forEach(name ->
                        findings.add(name, "no package-info.java with a comment and @NullMarked"));
        findings.assertNone();
    }
}
