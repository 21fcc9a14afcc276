package smtpd.filter.testkit;

import smtpd.filter.Event;
import smtpd.filter.Filter;
import smtpd.filter.Phase;
import smtpd.filter.Subsystem;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A mail server as a filter sees it. Close it, and the filter's input ends.
public final class FakeDaemon implements AutoCloseable {
    /// How long anything may take before a test fails.
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    /// What the time is when nobody has said.
    public static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

    private static final int NANOS_IN_MICRO = 1000;

    private final FakeDns dns;
    private final Ear ear;
    private final OutputStream says;
    private final CompletableFuture<Integer> status;
    private final ByteArrayOutputStream errors;
    private Instant now = BEGINNING;
    private long ids;
    private boolean closed;

    private FakeDaemon(
            FakeDns dns,
            InputStream said,
            OutputStream says,
            CompletableFuture<Integer> status,
            ByteArrayOutputStream errors) {
        this.dns = dns;
        this.says = says;
        this.status = status;
        this.errors = errors;
        this.ear = new Ear(said, dns, this::lineIfOpen);
    }

    /// Runs a filter in this JVM, for sessions of clients and of servers, and waits until it has
    /// registered.
    public static FakeDaemon run(Filter filter) throws IOException {
        return begin(filter, new FakeDns()).greet(Set.of(Subsystem.values()));
    }

    /// Runs a filter with a DNS that has answers already.
    public static FakeDaemon run(Filter filter, FakeDns dns) throws IOException {
        return begin(filter, dns).greet(Set.of(Subsystem.values()));
    }

    /// Runs a filter that is used in some subsystems only.
    public static FakeDaemon run(Filter filter, Set<Subsystem> subsystems) throws IOException {
        return begin(filter, new FakeDns()).greet(subsystems);
    }

    /// Runs a filter and says nothing yet: [#line(String)] does.
    public static FakeDaemon silent(Filter filter) throws IOException {
        return begin(filter, new FakeDns());
    }

    private static FakeDaemon begin(Filter filter, FakeDns dns) throws IOException {
        Pipe toFilter = Pipe.open();
        Pipe fromFilter = Pipe.open();
        CompletableFuture<Integer> status = new CompletableFuture<>();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        InputStream in = Channels.newInputStream(toFilter.source());
        OutputStream out = Channels.newOutputStream(fromFilter.sink());
        Thread.ofPlatform()
                .name("filter")
                .daemon(true)
                .start(() -> {
                    try (in;
                            out;
                            PrintStream log =
                                    new PrintStream(errors, true, StandardCharsets.UTF_8)) {
                        status.complete(
                                filter.run(
                                        in,
                                        out,
                                        log,
                                        Map.of("SMTPD_FILTER_DNS", "1"),
                                        InstantSource.fixed(BEGINNING)));
                    } catch (IOException | RuntimeException e) {
                        status.completeExceptionally(e);
                    }
                });
        return new FakeDaemon(
                dns,
                Channels.newInputStream(fromFilter.source()),
                Channels.newOutputStream(toFilter.sink()),
                status,
                errors);
    }

    /// Talks to a filter that is there already: its standard output and input.
    public static FakeDaemon over(InputStream said, OutputStream says) {
        return new FakeDaemon(
                        new FakeDns(),
                        said,
                        says,
                        CompletableFuture.completedFuture(0),
                        new ByteArrayOutputStream())
                .greet(Set.of(Subsystem.values()));
    }

    private FakeDaemon greet(Set<Subsystem> subsystems) {
        line("config|smtpd-version|7.8.0");
        line("config|protocol|0.7");
        line("config|smtp-session-timeout|300");
        for (Subsystem subsystem : Subsystem.values()) {
            if (subsystems.contains(subsystem)) {
                line("config|subsystem|" + subsystem.word());
            }
        }
        line("config|admd|mx.example.org");
        line("config|ready");
        await(ear.ready());
        return this;
    }

    /// What the filter has registered for, as it stands in the protocol without the first word:
    /// `filter|smtp-in|connect`.
    public Set<String> registered() {
        return ear.registered();
    }

    /// All the DNS there is.
    public FakeDns dns() {
        return dns;
    }

    /// The texts the filter has had told: `SUBSYSTEM|SESSION|TEXT`.
    public List<String> reports() {
        return ear.reports();
    }

    /// Waits until that many texts have been told.
    public List<String> awaitReports(int count) throws InterruptedException {
        return ear.awaitReports(count);
    }

    /// What the filter has written to its standard error.
    public String errors() {
        return errors.toString(StandardCharsets.UTF_8);
    }

    /// Lets time pass, for the filter.
    public synchronized void pass(Duration time) {
        now = now.plus(time);
    }

    /// A client that will come from an address, without a name.
    public FakeClient client(String address) {
        return client(address, "<unknown>");
    }

    /// A client that will come from an address.
    ///
    /// @param rdns the name of the address; `<unknown>` if it has none
    public FakeClient client(String address, String rdns) {
        return new FakeClient(this, ear, id(), address, rdns);
    }

    synchronized String id() {
        ids++;
        return "%016x".formatted(ids);
    }

    /// Says a line.
    public synchronized void line(String line) {
        bytes((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /// An answer of DNS may come when there is nobody any more.
    private synchronized void lineIfOpen(String line) {
        if (!closed) {
            line(line);
        }
    }

    synchronized void bytes(byte[] bytes) {
        try {
            says.write(bytes);
            says.flush();
        } catch (IOException e) {
            throw new IllegalStateException("the filter does not read: " + errors(), e);
        }
    }

    synchronized String time() {
        return "%d.%06d".formatted(now.getEpochSecond(), now.getNano() / NANOS_IN_MICRO);
    }

    /// Whether the filter wants to hear an event.
    public boolean hears(Subsystem subsystem, Event<?> event) {
        String prefix = "report|" + subsystem.word() + "|";
        return registered().contains(prefix + event.word()) || registered().contains(prefix + "*");
    }

    /// Whether the filter wants to be asked.
    public boolean asks(Phase<?> phase) {
        return registered().contains("filter|smtp-in|" + phase.word());
    }

    /// Ends the filter's input, and waits for its end.
    ///
    /// @return its exit status; 0 for a filter that was not started here
    public int end() throws IOException {
        synchronized (this) {
            closed = true;
            says.close();
        }
        await(ear.end());
        return await(status);
    }

    @Override
    public void close() throws IOException {
        end();
    }

    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the filter keeps silent", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
