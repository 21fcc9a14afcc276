package smtpd.core.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LookupAnswer;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;

class ConfParserTest {
    private static final String RULE = "match for any reject\n";

    private static ConfResult parse(String text, Map<String, String> macros) {
        return ConfParser.parse("f", text, macros, new Files());
    }

    private static Config config(String text) {
        ConfResult result = parse(text, Map.of());
        assertEquals(List.of(), result.errors());
        Config config = result.config();
        assertNotNull(config);
        return config;
    }

    private static String firstError(String text) {
        List<ConfError> errors = parse(text, Map.of()).errors();
        return errors.isEmpty() ? "" : errors.getFirst().toString();
    }

    /// A machine with a few included files and table files.
    private static final class Files implements ConfEnvironment {
        private final Map<String, String> texts = new LinkedHashMap<>();

        Files() {
            texts.put("/more", "table more { a }\nlisten on $where\n");
            texts.put("/bad", "\n\nbroken here\n");
            texts.put("/self", "include \"/self\"\n");
            texts.put("/noend", "table noend { a }");
        }

        @Override
        public String hostname() {
            return "mail.example.org";
        }

        @Override
        public Text read(String path) {
            String text = texts.get(path);
            return text == null ? new Text.Missing("no such file") : new Text.Found(text);
        }

        @Override
        public int servicePort(String name) {
            return name.equals("smtp") ? 25 : 0;
        }

        @Override
        public boolean canListen(String target, Family family) {
            return !target.equals("nowhere");
        }

        @Override
        public FileKind tableFile(String path) {
            return switch (path) {
                case "/list" -> new FileKind.ListFile();
                case "/map" -> new FileKind.MappingFile();
                case "/none" -> new FileKind.Unusable("/none: no such file");
                default -> new FileKind.Either();
            };
        }

        @Override
        public boolean hasTableProgram(String backend) {
            return backend.equals("sqlite");
        }

        @Override
        public @Nullable String certificateProblem(String path) {
            return path.equals("/none") ? "/none: no such file" : null;
        }

        @Override
        public @Nullable String pairProblem(String certificate, String key) {
            return key.equals("/other") ? "not of " + certificate : null;
        }

        @Override
        public @Nullable String keyProblem(String path) {
            return path.equals("/open") ? "/open: its rights are wider than 0740" : null;
        }
    }

    @Test
    void defaultsAreThoseOfOpenSmtpd() {
        Config config = config(RULE);
        assertEquals("mail.example.org", config.settings().admd());
        assertEquals(Duration.ofDays(4), config.settings().queue().ttl());
        assertEquals(List.of(Duration.ofHours(4)), config.settings().queue().warnIntervals());
        assertEquals(36_700_160, config.settings().smtp().maxMessageSize());
        assertEquals(1000, config.settings().smtp().maxRcpt());
        assertEquals(100, config.settings().limits().mta().of("x").maxConn().source());
        assertEquals(Config.SandboxLevel.BEST_EFFORT, config.settings().sandbox());
        assertEquals(List.of(Listener.DEFAULT_SOCKET), config.listeners());
    }

    @Test
    void ruleWithoutFromAndForIsLocalToLocal() {
        Rule rule = config("match reject\n").routing().rules().getFirst();
        assertEquals(
                List.of(Rule.Kind.FROM_LOCAL, Rule.Kind.FOR_LOCAL),
                rule.criteria().stream().map(Rule.Criterion::kind).toList());
        assertTrue(rule.rejects());
    }

    @Test
    void fromAuthIsFromAnyAndTheNegationIsOfTheCriterion() {
        Rule rule = config("match !from auth for any reject\n").routing().rules().getFirst();
        assertEquals(
                List.of(
                        new Rule.Criterion(Rule.Kind.FROM_ANY, false, false, ""),
                        new Rule.Criterion(Rule.Kind.FOR_ANY, false, false, ""),
                        new Rule.Criterion(Rule.Kind.AUTH, true, false, "")),
                rule.criteria());
    }

    @Test
    void laterMacroWinsAndTheCommandLineBeatsBoth() {
        String text = "m = lo\nm = eth0\nlisten on $m\n" + RULE;
        assertTrue(ConfPrinter.print(config(text)).contains("listen on \"eth0\""));
        ConfResult result = parse(text, Map.of("m", "eth1"));
        Config config = result.config();
        assertNotNull(config);
        assertTrue(ConfPrinter.print(config).contains("listen on \"eth1\""));
    }

    @Test
    void macroValueIsSplitIntoWordsAndNotExpandedAgain() {
        assertTrue(
                firstError("a = x\nm = \"lo tag $a\"\nlisten on $m\n" + RULE)
                        .startsWith("f:3: syntax error: unexpected '$'"));
        assertEquals("", firstError("m = \"lo port 26\"\nlisten on $m\n" + RULE));
    }

    @Test
    void macroIsNotExpandedInQuotes() {
        Config config = config("m = x\nadmd \"$m\"\n" + RULE);
        assertEquals("$m", config.settings().admd());
    }

    @Test
    void includedFileIsReadInPlaceWithItsOwnLines() {
        Config config = config("where = lo\ninclude \"/more\"\nmatch for domain <more> reject\n");
        assertEquals(2, config.listeners().size());
        assertTrue(firstError("include \"/bad\"\n" + RULE).startsWith("/bad:3: "));
        assertEquals(
                "f:2: cannot include /none: no such file",
                firstError("\ninclude \"/none\"\n" + RULE));
        assertEquals("", firstError("include \"/noend\"\nmatch for domain <noend> reject\n"));
    }

    @Test
    void fileThatIncludesItselfEnds() {
        assertTrue(firstError("include \"/self\"\n" + RULE).contains("more than 16 deep"));
    }

    @Test
    void fileWithoutLastLineEndIsComplete() {
        assertEquals("", firstError("match for any reject"));
        assertTrue(firstError("match for any").startsWith("f:1: "));
        assertEquals("", firstError(RULE + "# comment"));
        assertEquals("", firstError(RULE + "# comment \\"));
    }

    @Test
    void backslashAtTheEndOfTheFileContinuesNothing() {
        assertEquals("", firstError("match for any reject\\"));
        assertEquals("", firstError("match for any reject\\\n"));
        assertEquals("", firstError("match for any reject \\\n# comment \\\n"));
        assertTrue(firstError("match for any \\\n").startsWith("f:2: "));
        assertTrue(firstError(RULE + "table t {\n a\n").startsWith("f:5: "));
    }

    @Test
    void wordThatIsContinuedTwiceBelongsToItsLastLineButOne() {
        assertTrue(firstError("match for any fo\\\no\\\nx reject\n").startsWith("f:2: "));
        assertEquals("", firstError("mat\\\nch for a\\\nny reject\n"));
    }

    @Test
    void restOfALineAfterIncludeIsReadAfterTheFile() {
        assertEquals(
                "", firstError("where = lo\ninclude \"/more\" match for domain <more> reject"));
        assertTrue(firstError("include \"/bad\" nonsense\n" + RULE).startsWith("/bad:3: "));
    }

    @Test
    void usersOfTheSystemServeAsUserbaseAlone() {
        String table = "table u getpwnam\n";
        assertEquals("", firstError(table + "action a maildir userbase <u>\n" + RULE));
        for (String use :
                List.of(
                        "action a maildir alias <u>",
                        "action a relay host <u>",
                        "action a relay src <u>",
                        "match mail-from <u> reject",
                        "match for domain <u> reject")) {
            assertTrue(
                    firstError(table + use + "\n" + RULE).startsWith("f:2: table \"u\" may not"),
                    use);
        }
    }

    @Test
    void sizesAreReadAsScanScaledReadsThem() {
        String[] sizes = {
            "35M",
            "36700160",
            "1.5K",
            "1536",
            "2k",
            "2048",
            "1.9",
            "1",
            "\" +5K\"",
            "5120",
            "\"\"",
            "0",
            "K",
            "0",
            "\".5K\"",
            "512",
            "\"5K!\"",
            "5120",
            "007B",
            "7",
            "8388607T",
            null,
            "9000000T",
            null,
            "5KB",
            null,
            "1.2.3",
            null,
            "\"-1K\"",
            null,
            "x",
            null,
            "\"5 K\"",
            null
        };
        for (int i = 0; i < sizes.length; i += 2) {
            String line = "smtp max-message-size " + sizes[i] + "\n" + RULE;
            String expected = sizes[i + 1];
            if (i == 20) {
                assertEquals("", firstError(line));
            } else if (expected == null) {
                assertTrue(firstError(line).startsWith("f:1: "), line);
            } else {
                assertEquals(
                        Long.parseLong(expected), config(line).settings().smtp().maxMessageSize());
            }
        }
    }

    @Test
    void delaysArePositiveNumbersWithAUnit() {
        for (String good : List.of("1s", "90m", "4h", "24855d", "\"+1d\"", "\" 2d\"", "0001h")) {
            assertEquals("", firstError("queue ttl " + good + "\n" + RULE), good);
        }
        for (String bad :
                List.of("0s", "4", "4x", "\"-1d\"", "1d12h", "24856d", "d", "\"1 d\"", "1D")) {
            assertTrue(firstError("queue ttl " + bad + "\n" + RULE).startsWith("f:1: "), bad);
        }
    }

    @Test
    void queueKeyIsCheckedAfterTheTextWasRead() {
        String text = "queue encryption short\nlisten lo\n" + RULE;
        List<ConfError> errors = parse(text, Map.of()).errors();
        assertEquals(2, errors.size());
        assertTrue(errors.getFirst().toString().startsWith("f:2: "));
        assertEquals(
                "f:1: queue key has 5 characters, it must have 32", errors.getLast().toString());
        assertEquals("", firstError("queue encryption stdin\n" + RULE));
    }

    @Test
    void theSchedulerHasTwoBackends() {
        for (SchedulerBackend backend : SchedulerBackend.values()) {
            String line = "scheduler backend " + backend.word() + "\n";
            Config config = parse(line + RULE, Map.of()).config();
            assertEquals(backend, java.util.Objects.requireNonNull(config).settings().scheduler());
        }
        assertTrue(firstError("scheduler backend foo\n" + RULE).contains("ram, sqlite"));
    }

    @Test
    void queueKeysHaveNamesAndSources() {
        String key = "0123456789abcdef".repeat(2);
        String text =
                "queue encryption id b file \"/k\"\nqueue decryption "
                        + key
                        + "\nqueue decryption id c command \"pass show q\"\nqueue encryption "
                        + key.repeat(2)
                        + "\nqueue compression gzip\nqueue backend fs\n";
        assertEquals("", firstError(text + RULE));
        assertTrue(firstError("queue compression lz4\n" + RULE).contains("gzip and zstd"));
        assertTrue(firstError("queue backend foo\n" + RULE).contains("sqlite"));
        assertTrue(firstError("queue encryption id b file\n" + RULE).contains("a file"));
        Config config = parse(text + RULE, Map.of()).config();
        QueueOptions queue = java.util.Objects.requireNonNull(config).settings().queue();
        assertEquals(
                List.of(
                        new QueueKey(QueueKey.Use.ENCRYPT, "b", QueueKey.Source.FILE, "/k"),
                        new QueueKey(QueueKey.Use.DECRYPT, "", QueueKey.Source.KEY, key),
                        new QueueKey(
                                QueueKey.Use.DECRYPT, "c", QueueKey.Source.COMMAND, "pass show q"),
                        new QueueKey(QueueKey.Use.ENCRYPT, "", QueueKey.Source.KEY, key.repeat(2))),
                queue.keys());
        assertTrue(queue.keys().stream().noneMatch(k -> k.toString().contains(key)));
        String printed = ConfPrinter.print(config);
        assertEquals(
                queue.keys(),
                java.util.Objects.requireNonNull(parse(printed, Map.of()).config())
                        .settings()
                        .queue()
                        .keys());
    }

    @Test
    void witnessIsAPathAndSeesSealedMailThatLasts() {
        assertTrue(firstError("queue witness w\n" + RULE).contains("slash"));
        assertTrue(firstError("queue witness\n" + RULE).contains("a file"));
        String text = "queue decryption stdin\nqueue witness \"/w\"\n";
        ConfResult lasting = parse(text + RULE, Map.of());
        assertEquals(List.of(), lasting.warnings());
        Config config = java.util.Objects.requireNonNull(lasting.config());
        assertEquals("/w", config.settings().queue().witness());
        assertEquals("", config.settings().queue().withoutWitness().witness());
        List<ConfWarning> warnings =
                parse(text + "queue backend ram\n" + RULE, Map.of()).warnings();
        assertEquals(1, warnings.size());
        assertTrue(warnings.getFirst().toString().contains("queue backend ram"));
    }

    @Test
    void memoryOfQueueAndSchedulerIsLimited() {
        String text = "queue limit memory 2G\nscheduler limit memory 128M max-inflight 7\n" + RULE;
        Config config = java.util.Objects.requireNonNull(parse(text, Map.of()).config());
        Limits limits = config.settings().limits();
        assertEquals(new Limits.Heaps(2048, 128), limits.heaps());
        assertEquals(7, limits.scheduler().maxInflight());
        String printed = ConfPrinter.print(config);
        assertEquals(
                limits,
                java.util.Objects.requireNonNull(parse(printed, Map.of()).config())
                        .settings()
                        .limits());
        assertTrue(firstError("queue limit memory 1M\n" + RULE).contains("between"));
        assertTrue(firstError("scheduler limit memory 2048G\n" + RULE).contains("between"));
    }

    @Test
    void tableOfSendersIsCheckedWhenTheNextWordWasSeen() {
        String text = "table l { a }\nlisten on lo senders <l> \\\n tag X\n" + RULE;
        assertTrue(firstError(text).startsWith("f:3: table \"l\" may not be used for senders"));
    }

    @Test
    void commentSwallowsTheLineItContinues() {
        assertEquals("", firstError("# comment \\\nnonsense here\n" + RULE));
    }

    @Test
    void blanksAfterABackslashEndTheLine() {
        assertTrue(firstError("match for any \\ \n reject\n").startsWith("f:1: "));
    }

    @Test
    void numberBesideAWordIsAWord() {
        assertEquals("", firstError("table t { 192.0.2.0/24, 2001:db8::1, 35M }\n" + RULE));
        assertTrue(firstError("table t { 10 }\n" + RULE).startsWith("f:1: "));
    }

    @Test
    void kindOfATableFileMatters() {
        String list = "table t file:/list\naction a maildir alias <t>\n" + RULE;
        assertTrue(firstError(list).startsWith("f:2: table \"t\" may not be used for alias"));
        String map = "table t /map\nmatch for domain <t> reject\n";
        assertTrue(firstError("table t \"/map\"\nmatch for domain <t> reject\n").startsWith("f:2"));
        assertTrue(firstError(map).startsWith("f:1: "), "a word cannot begin with a slash");
        assertTrue(firstError("table t file:/none\n" + RULE).contains("no such file"));
        assertTrue(firstError("table t ldap:/x\n" + RULE).contains("does not exist"));
        assertEquals("", firstError("table t sqlite:/x\n" + RULE));
    }

    @Test
    void certificateAndKeyMustBelongTogether() {
        String text = "pki a cert \"/c\" key \"/other\"\n" + RULE;
        assertEquals("f:1: pki a: not of /c", firstError(text));
        assertEquals(
                "f:2: pki a: not of /c",
                firstError("pki a cert \"/c\"\npki a key \"/other\" dhe auto\n" + RULE));
    }

    @Test
    void filesOfAPkiAreOpenedWhenTheTextWasRead() {
        List<ConfError> errors =
                parse("pki a cert \"/none\" key \"/open\"\nlisten lo\n" + RULE, Map.of()).errors();
        assertEquals(3, errors.size());
        assertTrue(errors.getFirst().toString().startsWith("f:2: "));
        assertEquals("f:1: pki a: /none: no such file", errors.get(1).toString());
        assertTrue(errors.get(2).toString().contains("0740"));
    }

    @Test
    void machineIsAskedForCertificatesAndInterfaces() {
        assertTrue(firstError("pki a cert \"/none\"\n" + RULE).contains("no such file"));
        assertTrue(firstError("pki a key \"/open\"\n" + RULE).contains("0740"));
        assertTrue(firstError("listen on nowhere\n" + RULE).contains("nowhere"));
    }

    @Test
    void pkiNamesAreLowerCaseWhereDeclaredOnly() {
        String pki = "pki A.Example cert \"/c\" key \"/k\"\n";
        assertEquals("", firstError(pki + "listen on lo tls pki a.example\n" + RULE));
        assertTrue(
                firstError(pki + "listen on lo tls pki A.Example\n" + RULE)
                        .contains("write 'a.example'"));
    }

    @Test
    void oneMistakeIsOneError() {
        String text =
                "table t { a,, b }\naction x maildir alias <t>\nmatch for domain <t> action x\n";
        assertEquals(1, parse(text, Map.of()).errors().size());
    }

    @Test
    void brokenListDoesNotSpreadOverItsLines() {
        String text = "table t {\n  a\n  25\n  b\n}\n" + RULE;
        assertEquals(1, parse(text, Map.of()).errors().size());
    }

    @Test
    void reservedWordsNeedQuotes() {
        for (String word : Keywords.all()) {
            assertFalse(firstError("table " + word + " { a }\n" + RULE).isEmpty(), word);
            assertEquals("", firstError("table \"" + word + "\" { a }\n" + RULE));
        }
    }

    @Test
    void anyTextIsReadToItsEnd() {
        String seedText =
                """
                table t { "a" = b, c => d }
                m = "x y"
                listen on $m port 25 tls pki x filter { a, b } auth <t>
                action "a" maildir "~/x" junk alias <t> ttl 4d
                match !from src regex { a } for any action "a" # c \\
                queue encryption 'x\\' y'
                """;
        RandomGenerator random = new Random(42);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder(seedText);
            int changes = 1 + random.nextInt(6);
            for (int change = 0; change < changes; change++) {
                mutate(text, random);
            }
            ConfResult result = parse(text.toString(), Map.of());
            assertEquals(result.config() == null, !result.errors().isEmpty());
        }
    }

    private static void mutate(StringBuilder text, RandomGenerator random) {
        int at = random.nextInt(text.length());
        int end = Math.min(text.length(), at + random.nextInt(12));
        switch (random.nextInt(3)) {
            case 0 -> text.delete(at, end);
            case 1 -> text.insert(at, text.substring(at, end));
            default -> {
                String odd = "\"'\\\n{}<>=!#$, \t\r\u0000é\uffff-0a";
                text.insert(at, odd.charAt(random.nextInt(odd.length())));
            }
        }
        if (text.isEmpty()) {
            text.append('x');
        }
    }

    @Test
    @DisplayName("F-85: a configuration that gets into a message by accident shows no secret")
    void whatIsPrintedByAccidentShowsNoSecret() {
        Config config =
                config(
                        """
                        queue encryption "sesame-sesame-sesame-sesame-1234"
                        srs key "sesame"
                        srs key backup "sesame"
                        statistics http on localhost port 8025 token "sesame-sesame-16"
                        table logins { "alice" = "sesame" }
                        """
                                + RULE);
        assertFalse(String.valueOf(config).contains("sesame"), String.valueOf(config));
        assertFalse(
                new LkaToMta.TableResult(LookupAnswer.FOUND, "user:sesame")
                        .toString()
                        .contains("sesame"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "queue encryption 0123456789abcdef0123456789abcdef sesame",
                "queue encryption sesame",
                "queue encryption id new sesame sesame",
                "queue encryption 4711",
                "queue encryption 47114711471147114711471147114711",
                "queue decryption id old file \"/key\" sesame",
                "srs key sesame sesame",
                "srs key 4711",
                "srs key backup opensesame sesame",
                "statistics http on localhost port 8025 token opensesame-opensesame sesame",
                "statistics http on localhost port 8025 token 4711",
                "statistics http on localhost port 8025 token sesame",
                "table logins { alice = open sesame sesame }",
                "table logins { alice = 4711 }",
                "table logins { alice = open, bob = sesame 4711 }",
                "table logins { alice = open sesame = 4711 }"
            })
    @DisplayName("F-85: no error shows what may be a secret")
    void errorsShowNoSecret(String line) {
        String error = firstError(line + "\n" + RULE);
        assertTrue(error.startsWith("f:1: "), error);
        assertFalse(error.contains("sesame") || error.contains("4711"), error);
    }

    @Test
    void errorsOfOtherLinesShowTheWord() {
        assertTrue(firstError("srs key open\nqueue ttl 1d word\n" + RULE).contains("'word'"));
    }
}
