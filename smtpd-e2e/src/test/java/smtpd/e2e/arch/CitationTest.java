package smtpd.e2e.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.e2e.arch.Sources.Source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Standards are cited in one form, `RFC 5321 §4.5.3.1.4`, and doc/STANDARDS.md lists who cites
/// what. `-Dgolden.update` writes it anew.
class CitationTest {
    /// Anything that looks like a citation, but for the address type `rfc822`.
    private static final Pattern ANY =
            Pattern.compile("\\b(?!rfc822\\b)[Rr][Ff][Cc][ -]?\\d{2,5}(?![\\w-])");

    private static final Pattern NUMBER = Pattern.compile("RFC \\d{3,5}");
    private static final Pattern WORDED =
            Pattern.compile("^,? (?:section|sec\\.|chapter|§§|§ )", Pattern.CASE_INSENSITIVE);
    private static final Pattern SECTION = Pattern.compile("^,?(?: and)? §([^\\s,;:)`]+)");
    private static final Pattern SECTION_NUMBER = Pattern.compile("[0-9A-Z]+(?:\\.[0-9]+)*\\.?");

    /// A comment that goes on in the next line.
    private static final Pattern CONTINUED = Pattern.compile("\\n\\s*//+ ?");

    private final Findings findings = new Findings();
    private final Map<Integer, Map<String, Set<String>>> standards = new TreeMap<>();

    private void readAll() {
        List<Source> sources = Sources.mainJava();
        assertTrue(sources.size() > 100);
        sources.forEach(this::read);
    }

    private void read(Source source) {
        String text = CONTINUED.matcher(source.text()).replaceAll(" ");
        Matcher matcher = ANY.matcher(text);
        while (matcher.find()) {
            String cited = matcher.group();
            if (!NUMBER.matcher(cited).matches()) {
                findings.add(source.path().toString(), "`" + cited + "`, not `RFC 5321`");
                continue;
            }
            int number = Integer.parseInt(cited.substring("RFC ".length()));
            sections(source, number, text.substring(matcher.end()));
        }
    }

    private void sections(Source source, int number, String rest) {
        if (WORDED.matcher(rest).find()) {
            findings.add(source.path().toString(), "RFC " + number + ": sections are `§4.5.3`");
        }
        boolean whole = true;
        String left = rest;
        Matcher matcher = SECTION.matcher(left);
        while (matcher.find()) {
            String section = matcher.group(1);
            if (!SECTION_NUMBER.matcher(section).matches()) {
                findings.add(source.path().toString(), "RFC " + number + " §" + section);
            }
            cite(number, section.replaceAll("\\.$", ""), source);
            whole = false;
            left = left.substring(matcher.end());
            matcher = SECTION.matcher(left);
        }
        if (whole) {
            cite(number, "", source);
        }
    }

    private void cite(int number, String section, Source source) {
        standards
                .computeIfAbsent(number, _ -> new TreeMap<>(SECTIONS))
                .computeIfAbsent(section, _ -> new TreeSet<>())
                .add(source.packageName() + "." + source.type());
    }

    /// 4.5.3 before 4.10.
    private static final Comparator<String> SECTIONS =
            Comparator.comparing(section ->
                    String.join(
                            ".",
                            Arrays.stream(section.split("\\.", -1))
                                    .map(part ->
                                            " ".repeat(4).substring(Math.min(4, part.length()))
                                                    + part)
                                    .toList()));

    @Test
    void citationsHaveOneForm() {
        readAll();
        findings.assertNone();
    }

    @Test
    void theListOfStandardsIsCurrent() throws IOException {
        readAll();
        Path list = Sources.root().resolve("doc/STANDARDS.md");
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(list, render());
        }
        String written = Files.exists(list) ? Files.readString(list) : "";
        assertEquals(render(), written, "doc/STANDARDS.md: update with -Dgolden.update=true");
    }

    private String render() {
        StringBuilder out = new StringBuilder();
        out.append("# Standards\n\n");
        out.append("Which source obeys, or departs from, which section. Generated from the\n");
        out.append("citations in the sources by `CitationTest`; do not edit.\n");
        standards.forEach((number, sections) -> {
            out.append("\n## RFC ").append(number).append("\n\n");
            sections.forEach((section, sources) ->
                    out.append("- ")
                            .append(section.isEmpty() ? "as a whole" : "§" + section)
                            .append(": ")
                            .append(String.join(", ", sources))
                            .append('\n'));
        });
        return out.toString();
    }
}
