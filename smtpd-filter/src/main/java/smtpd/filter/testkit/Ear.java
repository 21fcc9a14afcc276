package smtpd.filter.testkit;

import smtpd.filter.Event;
import smtpd.filter.Phase;
import smtpd.filter.wire.LineReader;
import smtpd.filter.wire.ProtocolException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Hears what a filter says, and minds every line that is not in order: whoever waits for something
/// is told of it.
final class Ear {
    private static final String CLEAN = "the filter has ended";

    private final FakeDns dns;
    private final Consumer<String> says;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final Set<String> registered = new LinkedHashSet<>();
    private final Map<String, CompletableFuture<String>> answers = new HashMap<>();
    private final Map<String, Coming> contents = new HashMap<>();
    private final List<String> reports = new ArrayList<>();
    private String wrong = "";

    /// Content that comes back.
    private record Coming(List<String> lines, CompletableFuture<List<String>> all) {}

    Ear(InputStream said, FakeDns dns, Consumer<String> says) {
        this.dns = dns;
        this.says = says;
        Thread.ofPlatform().name("ear").daemon(true).start(() -> hear(said));
    }

    private void hear(InputStream said) {
        try (said) {
            LineReader lines = new LineReader(said);
            byte[] line = lines.next();
            while (line != null) {
                take(new String(line, StandardCharsets.ISO_8859_1));
                line = lines.next();
            }
            finish(CLEAN);
        } catch (IOException | ProtocolException | IllegalStateException e) {
            finish(String.valueOf(e.getMessage()));
        }
    }

    private void take(String line) {
        String[] fields = line.split("\\|", 4);
        switch (fields[0]) {
            case "register" -> register(line);
            case "filter-result" -> answer(line, fields);
            case "filter-dataline" -> content(line, fields);
            case "dns-query" -> query(line);
            case "report" -> report(line);
            default -> throw new IllegalStateException("the filter said: " + line);
        }
    }

    private synchronized void register(String line) {
        String what = line.substring("register|".length());
        if (ready.isDone()) {
            throw new IllegalStateException("registered when it was ready: " + line);
        }
        if (what.equals("ready")) {
            ready.complete(null);
            return;
        }
        String[] fields = what.split("\\|", -1);
        boolean known =
                switch (fields[0]) {
                    case "report" -> fields.length == 3 && isEvent(fields[2]);
                    case "filter" -> fields.length == 3 && isPhase(fields[2]);
                    case "dns" -> fields.length == 2;
                    default -> false;
                };
        if (!known) {
            throw new IllegalStateException("the filter said: " + line);
        }
        registered.add(what);
    }

    private static boolean isEvent(String word) {
        return word.equals("*") || Event.all().stream().anyMatch(it -> it.word().equals(word));
    }

    private static boolean isPhase(String word) {
        return word.equals("data-line")
                || Phase.all().stream().anyMatch(it -> it.word().equals(word));
    }

    private synchronized void answer(String line, String[] fields) {
        CompletableFuture<String> waiting =
                fields.length < 4 ? null : answers.remove(fields[1] + "|" + fields[2]);
        if (waiting == null) {
            throw new IllegalStateException("an answer to nothing: " + line);
        }
        if (!fields[3].matches("proceed|junk|(reject|disconnect|rewrite|report)\\|.+")) {
            throw new IllegalStateException("not a decision: " + line);
        }
        byte[] bytes = fields[3].getBytes(StandardCharsets.ISO_8859_1);
        waiting.complete(new String(bytes, StandardCharsets.UTF_8));
    }

    private synchronized void content(String line, String[] fields) {
        Coming coming = fields.length < 4 ? null : contents.get(fields[1] + "|" + fields[2]);
        if (coming == null) {
            throw new IllegalStateException("content of nothing: " + line);
        }
        if (fields[3].equals(".")) {
            contents.remove(fields[1] + "|" + fields[2]);
            coming.all.complete(List.copyOf(coming.lines));
        } else {
            coming.lines.add(fields[3].startsWith(".") ? fields[3].substring(1) : fields[3]);
        }
    }

    private void query(String line) {
        String[] fields = line.split("\\|", -1);
        if (fields.length != 5 || !registered().stream().anyMatch(it -> it.startsWith("dns|"))) {
            throw new IllegalStateException("not a query: " + line);
        }
        String head = "dns-result|" + fields[1] + "|" + fields[2] + "|";
        dns.ask(
                fields[3],
                fields[4],
                reply -> {
                    StringBuilder lines = new StringBuilder();
                    reply.records()
                            .forEach(each ->
                                    lines.append(head)
                                            .append(fields[3])
                                            .append('|')
                                            .append(each)
                                            .append('\n'));
                    String all = lines + head + "end|" + reply.status();
                    // whoever hears must not wait for whoever speaks
                    Thread.startVirtualThread(() -> says.accept(all));
                });
    }

    private synchronized void report(String line) {
        String[] fields = line.split("\\|", 3);
        if (!line.matches("report\\|\\d+\\.\\d{6}\\|smtp-(in|out)\\|[0-9a-f]{16}\\|.+")) {
            throw new IllegalStateException("not a report: " + line);
        }
        reports.add(fields[2]);
        notifyAll();
    }

    private synchronized void finish(String why) {
        wrong = why;
        boolean isClean = why.equals(CLEAN);
        IllegalStateException failure = new IllegalStateException(why);
        ready.completeExceptionally(failure);
        answers.values().forEach(each -> each.completeExceptionally(failure));
        contents.values().forEach(each -> each.all.completeExceptionally(failure));
        if (isClean) {
            end.complete(null);
        } else {
            end.completeExceptionally(failure);
        }
        notifyAll();
    }

    CompletableFuture<Void> ready() {
        return ready;
    }

    CompletableFuture<Void> end() {
        return end;
    }

    synchronized Set<String> registered() {
        return Set.copyOf(registered);
    }

    synchronized List<String> reports() {
        return List.copyOf(reports);
    }

    synchronized List<String> awaitReports(int count) throws InterruptedException {
        long deadline = System.nanoTime() + FakeDaemon.PATIENCE.toNanos();
        while (reports.size() < count && wrong.isEmpty()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new IllegalStateException("told only " + reports);
            }
            wait(left);
        }
        return List.copyOf(reports);
    }

    /// The answer to a question that will be asked.
    synchronized CompletableFuture<String> answerTo(String session, String token) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        answers.put(session + "|" + token, answer);
        if (!wrong.isEmpty()) {
            answer.completeExceptionally(new IllegalStateException(wrong));
        }
        return answer;
    }

    /// The content that will come back.
    synchronized CompletableFuture<List<String>> contentOf(String session, String token) {
        Coming coming = new Coming(new ArrayList<>(), new CompletableFuture<>());
        contents.put(session + "|" + token, coming);
        if (!wrong.isEmpty()) {
            coming.all.completeExceptionally(new IllegalStateException(wrong));
        }
        return coming.all;
    }
}
