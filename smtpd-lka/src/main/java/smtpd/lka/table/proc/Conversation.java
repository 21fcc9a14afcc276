package smtpd.lka.table.proc;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.TableService;
import smtpd.core.smtp.Printable;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;
import smtpd.lka.table.proc.TableProtocol.Question;
import smtpd.lka.table.proc.TableProtocol.Reply;
import smtpd.lka.table.proc.TableProtocol.Said;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// One run of a table program: from its start until it dies or says what it must not.
///
/// One thread reads, one writes and looks at the time; any thread may ask. Whoever stops waiting
/// leaves its question behind, so that a late answer is not taken for an answer to nothing.
///
/// # Limits
///
/// [#QUESTIONS_MAX] questions under way; a program that has said nothing at all since a question
/// was asked [#PATIENCE] ago hangs, one that has not answered it after [#FORGOTTEN] never will:
/// either is ended.
final class Conversation implements AutoCloseable {
    /// Questions under way at a time; more hear "not now".
    static final int QUESTIONS_MAX = 1024;

    /// How long whoever asks waits, and how long the program may take to register (OpenSMTPD: the
    /// same for the setup of processes): below the patience of those who ask lka.
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /// After this a question is taken to be lost.
    static final Duration FORGOTTEN = Duration.ofMinutes(2);

    /// How often deadlines are looked at.
    private static final Duration TICK = Duration.ofMillis(500);

    private static final int SHOWN_MAX = 200;
    private static final int BUFFER = 1 << 14;

    private final FdSocket socket;
    private final Duration patience;
    private final BlockingQueue<String> outgoing = new LinkedBlockingQueue<>(QUESTIONS_MAX + 1);
    private final Map<Long, Asked> asked = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final CountDownLatch settled = new CountDownLatch(1);
    private final long begun = System.nanoTime();
    private volatile Set<TableService> services = EnumSet.noneOf(TableService.class);
    private volatile boolean ready;
    private volatile long heard = System.nanoTime();
    private volatile String end = "";

    /// A question under way.
    private record Asked(Question question, CompletableFuture<Reply> answer, long since) {}

    /// Makes the line of a question, given its id.
    @FunctionalInterface
    interface LineOf {
        String line(long id);
    }

    /// @param socket the program's standard input and output
    /// @param patience how long whoever asks waits
    Conversation(FdSocket socket, Duration patience) {
        this.socket = socket;
        this.patience = patience;
    }

    /// Talks until it is over; returns why. Called by a platform thread.
    String talk(String table) {
        outgoing.add(TableProtocol.greeting(table));
        Thread writer =
                Thread.ofPlatform().name("table write " + table).daemon(true).start(this::write);
        String why = read();
        finish(why);
        writer.interrupt();
        return end;
    }

    private String read() {
        try {
            Lines lines = new Lines(socket);
            Set<TableService> registered = EnumSet.noneOf(TableService.class);
            @Nullable String line = lines.next();
            while (line != null) {
                heard = System.nanoTime();
                String wrong = take(TableProtocol.parse(line), registered);
                if (!wrong.isEmpty()) {
                    return "said what it must not: " + Printable.escape(wrong, SHOWN_MAX);
                }
                line = lines.next();
            }
            return "ended";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /// Takes what the program says; returns what is wrong with it, or empty.
    private String take(Said said, Set<TableService> registered) {
        return switch (said) {
            case Said.Registered(TableService service) -> {
                boolean fresh = !ready && registered.add(service);
                yield ready && !fresh ? "it registers after it is ready" : "";
            }
            case Said.Ready _ when ready -> "it is ready twice";
            case Said.Ready _ when registered.isEmpty() -> "it is ready without any service";
            case Said.Ready _ -> {
                services = EnumSet.copyOf(registered);
                ready = true;
                settled.countDown();
                yield "";
            }
            case Said.Result result -> result(result);
            case Said.Nonsense(String why) -> why;
        };
    }

    private String result(Said.Result result) {
        Asked question = asked.remove(result.id());
        if (question == null) {
            return "an answer to nothing: " + result.id();
        }
        Reply reply = TableProtocol.reply(question.question(), result);
        if (reply instanceof Reply.Nonsense(String why)) {
            question.answer().complete(new Reply.Failed("it answered nonsense"));
            return why;
        }
        question.answer().complete(reply);
        return "";
    }

    /// Writes what is asked, and ends the conversation when a deadline has passed.
    private void write() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        long looked = begun;
        try {
            while (end.isEmpty()) {
                String line = outgoing.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
                if (line != null) {
                    StringBuilder lines = new StringBuilder(line);
                    while (lines.length() < BUFFER && (line = outgoing.poll()) != null) {
                        lines.append(line);
                    }
                    send(buffer, lines.toString().getBytes(StandardCharsets.UTF_8));
                }
                long now = System.nanoTime();
                if (now - looked >= TICK.toNanos()) {
                    looked = now;
                    String late = late(now);
                    if (!late.isEmpty()) {
                        finish(late);
                    }
                }
            }
        } catch (SysException e) {
            finish("ended: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(ByteBuffer buffer, byte[] bytes) throws SysException {
        for (int from = 0; from < bytes.length; from += BUFFER) {
            buffer.clear().put(bytes, from, Math.min(BUFFER, bytes.length - from));
            socket.send(buffer.flip());
        }
    }

    private String late(long now) {
        if (!ready && now - begun > patience.toNanos()) {
            return "did not register in time";
        }
        for (Asked question : asked.values()) {
            long age = now - question.since();
            if (age > FORGOTTEN.toNanos()) {
                return "did not answer a question";
            }
            if (age > patience.toNanos() && heard - question.since() < 0) {
                return "hangs";
            }
        }
        return "";
    }

    /// Waits until the program has registered, or will not.
    ///
    /// @return why it cannot be asked; empty when it can
    String awaitReady() throws InterruptedException {
        if (!ready && !settled.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            return "it is not ready";
        }
        return end.isEmpty() ? "" : "it " + end;
    }

    /// Whether it has registered that service.
    boolean serves(TableService service) {
        return services.contains(service);
    }

    /// Asks and waits.
    Reply ask(Question question, LineOf lineOf) throws InterruptedException {
        if (asked.size() >= QUESTIONS_MAX) {
            return new Reply.Failed("too many questions under way");
        }
        long id = ids.incrementAndGet();
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        asked.put(id, new Asked(question, answer, System.nanoTime()));
        if (!end.isEmpty() || !outgoing.offer(lineOf.line(id))) {
            asked.remove(id);
            return new Reply.Failed(end.isEmpty() ? "too many questions under way" : "it " + end);
        }
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            return new Reply.Failed("it did not answer within " + patience.toSeconds() + " s");
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("answers never fail", e);
        }
    }

    /// The end, once: everybody who waits hears "not now".
    private synchronized void finish(String why) {
        if (end.isEmpty()) {
            end = why;
        }
        socket.shutdown();
        settled.countDown();
        asked.values().forEach(each -> each.answer().complete(new Reply.Failed("it " + end)));
    }

    @Override
    public void close() {
        finish("ended");
        socket.close();
    }
}
