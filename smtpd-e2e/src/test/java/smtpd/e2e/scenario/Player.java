package smtpd.e2e.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;

import smtpd.e2e.scenario.Script.Step;
import smtpd.testkit.dialogue.Dialogue;
import smtpd.testkit.dialogue.DialogueRunner;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Plays a script on a stage.
final class Player {
    private static final int CLIENT_PATIENCE_MILLIS = 60_000;
    private static final int PERMISSIONS = 07777;
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    private final Stage stage;
    private final Script script;
    private final int logFrom;
    private final int farFrom;
    private final int farContentsFrom;
    private final int lmtpFrom;
    private List<String> output = List.of();
    private Source out = List::of;
    private Source text = List::of;

    /// Where lines come from; asked again while they may still change.
    private interface Source {
        List<String> lines() throws IOException;
    }

    Player(Stage stage, Script script) {
        this.stage = stage;
        this.script = script;
        logFrom = stage.daemon.logged();
        farFrom = stage.far.transcript().size();
        farContentsFrom = stage.far.contents().size();
        lmtpFrom = stage.lmtp.transcript().size();
    }

    /// Plays all steps; throws [AssertionError] naming the step that fails.
    void play() throws IOException, InterruptedException {
        for (Step step : script.steps()) {
            try {
                play(step, stage.filled(step.rest()));
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError(
                        "%s/%s:%d: %s %s\n%s\n--- log ---\n%s"
                                .formatted(
                                        stage.scenario.name(),
                                        script.name(),
                                        step.line(),
                                        step.verb(),
                                        step.rest(),
                                        e.getMessage(),
                                        stage.daemon.lastLines()),
                        e);
            }
        }
    }

    private void play(Step step, String rest) throws IOException, InterruptedException {
        switch (step.verb()) {
            case "SEND" -> send(rest.split(" ", 3));
            case "DIALOGUE" -> dialogue(rest.split(" ", -1));
            case "RUN" -> run(step.countOr(0), rest);
            case "QUEUE" -> queue(step.countOr(0));
            case "DRAIN" -> drain();
            case "MAIL" -> mail(step.countOr(1), rest);
            case "FILE" -> file(rest);
            case "TREE" -> text = () -> tree(stage.daemon.prefix(), rest);
            case "FARMAIL" -> farMail(step.countOr(1));
            case "GREENMAIL" -> greenMail(step.countOr(1));
            case "LET" -> let(rest.split(" ", 2), output);
            case "HEARD" -> let(rest.split(" ", 2), since(stage.far.transcript(), farFrom));
            case "KIND" -> kind(rest.equals("on"));
            case "SIGNAL" -> stage.daemon.signal(rest);
            case "END" -> equal(step.countOr(0), stage.daemon.awaitEnd(), "exit status");
            case "START" -> stage.daemon.start();
            default -> match(source(step.verb()), step.count(), Pattern.compile(rest));
        }
    }

    private Source source(String verb) {
        return switch (verb) {
            case "LOG" -> () -> stage.daemon.log(logFrom);
            case "FAR" -> () -> since(stage.far.transcript(), farFrom);
            case "LMTP" -> () -> since(stage.lmtp.transcript(), lmtpFrom);
            case "MXA" -> () -> mx("127.0.0.11").transcript();
            case "MXB" -> () -> mx("127.0.0.12").transcript();
            case "OUT" -> out;
            case "TEXT" -> text;
            default -> throw new IllegalArgumentException("no such step: " + verb);
        };
    }

    private FarEnd mx(String address) {
        FarEnd end = stage.mx.get(address);
        if (end == null) {
            throw new IllegalStateException("the scenario does not say that it needs port25");
        }
        return end;
    }

    private static List<String> since(List<String> lines, int from) {
        return lines.subList(Math.min(from, lines.size()), lines.size());
    }

    private static void match(Source source, int count, Pattern pattern) throws IOException {
        if (count == 0) {
            if (matching(source, pattern) > 0) {
                throw new AssertionError("there is such a line:\n" + shown(source));
            }
            return;
        }
        Waiting.until(
                () -> matching(source, pattern) >= Math.max(1, count),
                () -> "no such line:\n" + shown(source));
        if (count > 0) {
            equal(count, (int) matching(source, pattern), "matching lines");
        }
    }

    private static long matching(Source source, Pattern pattern) throws IOException {
        return source.lines().stream().filter(line -> pattern.matcher(line).find()).count();
    }

    private static String shown(Source source) {
        try {
            return String.join("\n", source.lines());
        } catch (IOException e) {
            return "(" + e.getMessage() + ")";
        }
    }

    private static void equal(int expected, int is, String what) {
        if (expected != is) {
            throw new AssertionError(what + ": expected " + expected + ", is " + is);
        }
    }

    private void send(String[] words) throws IOException {
        StringBuilder dialogue =
                new StringBuilder("# one mail\nS+ 220\nC: EHLO client.example.net\n");
        String sender = words[0].equals("-") ? "" : words[0];
        dialogue.append("S+ 250\nC: MAIL FROM:<").append(sender).append(">\nS+ 250\n");
        for (String rcpt : words[1].split(",", -1)) {
            dialogue.append("C: RCPT TO:<").append(rcpt).append(">\nS+ 250\n");
        }
        dialogue.append("C: DATA\nS+ 354\nC: From: <").append(sender).append(">\n");
        dialogue.append("C: Subject: ").append(words.length > 2 ? words[2] : "none");
        dialogue.append("\nC:\nC: Hello.\nC: .\nS+ 250\nC: QUIT\nS+ 221\nCLOSED\n");
        talk(Dialogue.parse(script.name(), dialogue.toString()), "127.0.0.1");
    }

    private void dialogue(String[] words) throws IOException {
        String content = stage.scenario.optional(words[0]);
        talk(
                Dialogue.parse(words[0], stage.filled(content)),
                words.length > 1 ? words[1] : "127.0.0.1");
    }

    private void talk(Dialogue dialogue, String from) throws IOException {
        try (Socket client = new Socket()) {
            client.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
            client.setSoTimeout(CLIENT_PATIENCE_MILLIS);
            client.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), stage.port()));
            new DialogueRunner(dialogue, Map.of("address", from))
                    .play(0, client.getInputStream(), client.getOutputStream());
        }
    }

    private void run(int status, String line) throws IOException, InterruptedException {
        List<String> words = words(line);
        byte[] input = new byte[0];
        int redirection = words.indexOf("<");
        if (redirection >= 0) {
            input =
                    stage.filled(stage.scenario.optional(words.get(redirection + 1)))
                            .getBytes(UTF_8);
            words = words.subList(0, redirection);
        }
        Distribution.Result result =
                stage.daemon.program(words.getFirst(), words.subList(1, words.size()), input);
        output = result.output().lines().toList();
        boolean shows = status == 0 && words.size() > 1 && words.get(1).equals("show");
        String[] again = words.subList(1, words.size()).toArray(String[]::new);
        out = shows ? () -> next(again) : () -> output;
        if (result.status() != status) {
            throw new AssertionError(
                    "status " + result.status() + ", expected " + status + "\n" + result.output());
        }
    }

    /// What was shown last; what is looked for may come a moment later, so it is asked for again.
    private List<String> next(String... words) {
        List<String> last = output;
        output = stage.daemon.mustSay(words).lines().toList();
        return last;
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(line);
        while (matcher.find()) {
            words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
        }
        return words;
    }

    /// What is looked for in the listing then may take its time: it is asked for again.
    private void queue(int lines) throws IOException {
        out = this::queue;
        Waiting.until(
                () -> queue().size() == lines,
                () -> "the queue has\n" + String.join("\n", queue()));
    }

    private List<String> queue() {
        output = stage.daemon.mustSay("show", "queue").lines().toList();
        return output;
    }

    /// A route that failed is left alone for a while, so that once may not be enough.
    private void drain() throws IOException {
        Waiting.until(
                () -> {
                    stage.daemon.mustSay("schedule", "all");
                    return queue().isEmpty();
                },
                () -> "the queue still has\n" + String.join("\n", queue()));
    }

    private void mail(int count, String directory) throws IOException {
        Path newMail = stage.daemon.prefix().resolve(directory).resolve("new");
        Waiting.until(
                () -> messages(newMail).size() >= count,
                () -> directory + " has too few messages: " + count + " are expected");
        List<Path> messages = messages(newMail);
        equal(count, messages.size(), "messages in " + directory);
        List<String> lines = new ArrayList<>();
        for (Path message : messages) {
            lines.addAll(Files.readAllLines(message));
        }
        text = () -> lines;
    }

    private static List<Path> messages(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private void file(String path) throws IOException {
        Path file = stage.daemon.prefix().resolve(path);
        Waiting.until(() -> Files.exists(file), () -> "no such file");
        text = () -> Files.readAllLines(file);
    }

    private static List<String> tree(Path prefix, String path) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> tree = Files.walk(prefix.resolve(path))) {
            for (Path file : tree.sorted().toList()) {
                lines.add(
                        "%d:%d %o %s"
                                .formatted(
                                        Account.number(file, "unix:uid"),
                                        Account.number(file, "unix:gid"),
                                        Account.number(file, "unix:mode") & PERMISSIONS,
                                        prefix.relativize(file)));
            }
        }
        return lines;
    }

    private void farMail(int count) throws IOException {
        Source contents = () -> since(stage.far.contents(), farContentsFrom);
        Waiting.until(
                () -> contents.lines().size() >= count,
                () -> "the far end was told:\n" + String.join("\n", stage.far.transcript()));
        List<String> messages = contents.lines();
        equal(count, messages.size(), "messages at the far end");
        text = () -> String.join("\n", messages).lines().toList();
    }

    private void greenMail(int count) throws IOException {
        Waiting.until(() -> received().size() >= count, () -> "too few messages in GreenMail");
        List<String> messages = received();
        equal(count, messages.size(), "messages in GreenMail");
        text = () -> String.join("\n", messages).lines().toList();
    }

    private List<String> received() throws IOException {
        List<String> messages = new ArrayList<>();
        try {
            for (MimeMessage message : stage.greenMail.getReceivedMessages()) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                message.writeTo(bytes);
                messages.add(bytes.toString(UTF_8));
            }
        } catch (MessagingException e) {
            throw new IOException(e);
        }
        return messages;
    }

    private void let(String[] words, List<String> lines) {
        Pattern pattern = Pattern.compile(words[1]);
        for (String line : lines) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.find()) {
                stage.let(words[0], matcher.group(1));
                return;
            }
        }
        throw new AssertionError("no such line:\n" + String.join("\n", lines));
    }

    private void kind(boolean on) {
        stage.far.kind(on);
        stage.lmtp.kind(on);
        stage.mx.values().forEach(end -> end.kind(on));
    }
}
