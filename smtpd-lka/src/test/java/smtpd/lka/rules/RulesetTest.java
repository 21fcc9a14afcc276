package smtpd.lka.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import smtpd.core.conf.Location;
import smtpd.core.conf.Rule;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.lka.table.Entries;
import smtpd.lka.table.MemoryTable;
import smtpd.lka.table.Table;
import smtpd.lka.table.Tables;
import smtpd.lka.table.UnavailableTable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// Runs `ruleset.script`: tables and rules are declared, a client and its commands are given, and
/// each `rcpt` line ends with the verdict that must come out.
class RulesetTest {
    @TestFactory
    List<DynamicTest> script() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        Script script = new Script();
        int number = 0;
        for (String line : resource("ruleset.script").lines().toList()) {
            number++;
            int lineNumber = number;
            String stripped = line.strip();
            if (stripped.isEmpty() || stripped.startsWith("#")) {
                continue;
            }
            if (!stripped.startsWith("rcpt ")) {
                script = script.with(stripped);
                continue;
            }
            Script state = script;
            tests.add(
                    DynamicTest.dynamicTest(
                            lineNumber + ": " + stripped,
                            () -> {
                                String[] sides = stripped.substring(5).split("=>", -1);
                                assertEquals(sides[1].strip(), state.verdict(sides[0].strip()));
                            }));
        }
        return tests;
    }

    @Test
    @DisplayName("F-78 a table that cannot answer is never no match")
    void unavailableTableEndsTheEvaluation() {
        Script script =
                new Script()
                        .with("down t")
                        .with("rule a from_any for_domain=t")
                        .with("rule b from_any for_any");
        assertEquals("tempfail", script.verdict("x@y"));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(RulesetTest.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// The state of a script: immutable, each line makes the next one.
    private record Script(
            Map<String, Table> tables, List<Rule> rules, Map<String, String> session) {
        Script() {
            this(Map.of(), List.of(), Map.of());
        }

        Script with(String line) {
            String[] words = line.split(" +", -1);
            Map<String, Table> newTables = new LinkedHashMap<>(tables);
            List<Rule> newRules = new ArrayList<>(rules);
            Map<String, String> newSession = new LinkedHashMap<>(session);
            switch (words[0]) {
                case "reset" -> {
                    newRules.clear();
                    newTables.clear();
                    newSession.clear();
                }
                case "table" -> newTables.put(words[1], table(words));
                case "down" -> newTables.put(words[1], new UnavailableTable(words[1], "down"));
                case "rule" -> newRules.add(rule(words));
                case "client" -> {
                    newSession.clear();
                    put(newSession, words, 1);
                }
                case "set" -> put(newSession, words, 1);
                default -> throw new IllegalArgumentException(line);
            }
            return new Script(newTables, newRules, newSession);
        }

        private static void put(Map<String, String> session, String[] words, int from) {
            for (int i = from; i < words.length; i++) {
                String[] pair = words[i].split("=", 2);
                session.put(pair[0], pair[1]);
            }
        }

        private static Table table(String[] words) {
            List<String> entries = Arrays.asList(words).subList(2, words.length);
            return new MemoryTable(words[1], '+', () -> Entries.list(entries));
        }

        /// `rule ACTION [!]kind[~][=table] …`; `~` means regex; the action `reject` refuses.
        private static Rule rule(String[] words) {
            List<Rule.Criterion> criteria = new ArrayList<>();
            for (int i = 2; i < words.length; i++) {
                String word = words[i];
                boolean negated = word.startsWith("!");
                String[] pair = (negated ? word.substring(1) : word).split("=", 2);
                boolean regex = pair[0].endsWith("~");
                String kind = regex ? pair[0].substring(0, pair[0].length() - 1) : pair[0];
                criteria.add(
                        new Rule.Criterion(
                                Rule.Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
                                negated,
                                regex,
                                pair.length > 1 ? pair[1] : ""));
            }
            criteria.sort(Comparator.comparing(Rule.Criterion::kind));
            return new Rule(criteria, words[1].equals("reject") ? "" : words[1], Location.NONE);
        }

        String verdict(String rcpt) {
            Ruleset ruleset =
                    new Ruleset(
                            rules,
                            new LocalNames(
                                    "mx.example.org",
                                    List.of(),
                                    List.of("192.0.2.1", "2001:db8::1")),
                            new Tables(tables, new UnavailableTable("users", "none")));
            Envelope.Origin origin =
                    new Envelope.Origin(
                            get("tag", ""),
                            "mx.example.org",
                            get("helo", ""),
                            get("rdns", "<unknown>"),
                            get("address", "198.51.100.9"),
                            get("user", ""),
                            new Envelope.OriginFlags(
                                    get("auth", "no").equals("yes"),
                                    false,
                                    get("tls", "no").equals("yes")));
            Subject subject =
                    new Subject(
                            origin,
                            MailAddr.of(get("mail", "")),
                            MailAddr.of(rcpt),
                            get("internal", "no").equals("yes"));
            return switch (ruleset.match(subject)) {
                case Verdict.Matched(Rule rule) -> rule.action();
                case Verdict.Rejected _ -> "rejected";
                case Verdict.NoMatch _ -> "no match";
                case Verdict.Tempfail _ -> "tempfail";
            };
        }

        private String get(String key, String otherwise) {
            return session.getOrDefault(key, otherwise);
        }
    }
}
