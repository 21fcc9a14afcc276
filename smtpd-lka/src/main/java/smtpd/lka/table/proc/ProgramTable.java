package smtpd.lka.table.proc;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.TableService;
import smtpd.core.table.TableText;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Table;
import smtpd.lka.table.proc.TableProtocol.Question;
import smtpd.lka.table.proc.TableProtocol.Reply;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A table that is a program. It is started at once, and again when it dies, with back-off; while
/// it is not there every answer is "not now".
public final class ProgramTable implements Table {
    /// Before the first restart; doubled each time.
    static final Duration FIRST = Duration.ofMillis(50);

    /// Never longer.
    static final Duration LONGEST = Duration.ofSeconds(30);

    private static final String STARTING = "it is not ready";

    private final String name;
    private final ProgramStarter starter;
    private final InstantSource clock;
    private final Consumer<String> complaints;
    private final Duration patience;
    private final Semaphore hurry = new Semaphore(0);
    private volatile @Nullable Conversation conversation;
    private volatile String down = STARTING;

    /// Starts the program.
    ///
    /// @param name the table's name
    /// @param starter starts programs
    /// @param clock the time
    /// @param complaints told when the program ends
    public ProgramTable(
            String name, ProgramStarter starter, InstantSource clock, Consumer<String> complaints) {
        this(name, starter, clock, complaints, Conversation.PATIENCE);
    }

    ProgramTable(
            String name,
            ProgramStarter starter,
            InstantSource clock,
            Consumer<String> complaints,
            Duration patience) {
        this.name = name;
        this.starter = starter;
        this.clock = clock;
        this.complaints = complaints;
        this.patience = patience;
        Thread.ofPlatform().name("table " + name).daemon(true).start(this::keepRunning);
    }

    /// Whether a table of that name can be a program: its name is told in a line of `|`.
    public static boolean isName(String name) {
        return name.indexOf('|') < 0 && TableProtocol.fitsInALine(name);
    }

    private void keepRunning() {
        Duration wait = Duration.ZERO;
        while (!Thread.currentThread().isInterrupted()) {
            Instant started = clock.instant();
            String why = run();
            complaints.accept("table " + name + ": its program " + why);
            boolean settled = Duration.between(started, clock.instant()).compareTo(LONGEST) >= 0;
            wait = next(settled ? Duration.ZERO : wait);
            pause(wait);
        }
    }

    /// The wait after `previous`.
    static Duration next(Duration previous) {
        Duration doubled = previous.isZero() ? FIRST : previous.multipliedBy(2);
        return doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
    }

    /// One run of the program, from start to end; why it ended.
    private String run() {
        try (Conversation run = new Conversation(starter.start(name), patience)) {
            changed(run, "");
            String why = run.talk(name);
            changed(null, "it " + why);
            return why;
        } catch (IOException e) {
            changed(null, "it could not be started: " + e.getMessage());
            return "could not be started: " + e.getMessage();
        } finally {
            starter.end(name);
        }
    }

    private synchronized void changed(@Nullable Conversation run, String why) {
        conversation = run;
        down = why;
        notifyAll();
    }

    /// The conversation, or null when there is none: waits while the program is being started for
    /// the first time, or because an administrator asked for it.
    private synchronized @Nullable Conversation awaitStart() throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (conversation == null && down.equals(STARTING)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return null;
            }
            wait(left);
        }
        return conversation;
    }

    private void pause(Duration wait) {
        try {
            if (hurry.tryAcquire(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                hurry.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String name() {
        return name;
    }

    /// Passwords are checked by those programs that say so; while it is not known, by none.
    @Override
    public boolean offers(TableService service) {
        Conversation now = conversation;
        return now == null ? service != TableService.AUTH : now.serves(service);
    }

    @Override
    public Answer lookup(TableService service, String key) {
        return ask(Question.LOOKUP, service, key);
    }

    @Override
    public Answer check(TableService service, String key) {
        return ask(Question.CHECK, service, key);
    }

    @Override
    public Answer fetch(TableService service) {
        return ask(Question.FETCH, service, "");
    }

    private Answer ask(Question question, TableService service, String key) {
        if (!TableProtocol.fitsInALine(key)) {
            return notNow("a key with a line break is not asked for");
        }
        // a password is not a name: it keeps its case
        String folded = service == TableService.AUTH ? key : TableText.fold(key);
        return answer(
                service,
                question,
                id -> TableProtocol.line(question, name, service, id, folded, clock.instant()));
    }

    private Answer answer(
            @Nullable TableService service, Question question, Conversation.LineOf line) {
        try {
            Conversation now = conversation;
            if (now == null) {
                now = awaitStart();
            }
            if (now == null) {
                return notNow(down);
            }
            String unready = now.awaitReady();
            if (!unready.isEmpty()) {
                return notNow(unready);
            }
            if (service != null && !now.serves(service)) {
                return notNow("its program serves no " + service);
            }
            return switch (now.ask(question, line)) {
                case Reply.Found(String value) -> new Answer.Found(value);
                case Reply.NotFound _ -> Answer.NOT_FOUND;
                case Reply.Failed(String reason) -> notNow(reason);
                case Reply.Nonsense(String why) -> notNow(why);
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return notNow("interrupted");
        }
    }

    private Answer notNow(String reason) {
        return new Answer.Tempfail("table " + name + ": " + reason);
    }

    /// Ends the wait before the next start; who asks now waits for it.
    private synchronized void hurryUp() {
        if (conversation == null && !down.equals(STARTING)) {
            down = STARTING;
            hurry.release();
        }
    }

    /// Has the program read its source again; one that is down is started without waiting.
    @Override
    public Update update() {
        hurryUp();
        Answer answer =
                answer(
                        null,
                        Question.UPDATE,
                        id -> TableProtocol.update(name, id, clock.instant()));
        return answer instanceof Answer.Tempfail(String reason)
                ? new Update.Kept(reason)
                : new Update.Updated(0);
    }
}
