package smtpd.filter.run;

import org.jspecify.annotations.Nullable;

import smtpd.filter.Daemon;
import smtpd.filter.DnsAnswer;
import smtpd.filter.DnsType;
import smtpd.filter.Subsystem;
import smtpd.filter.wire.FilterLine;
import smtpd.filter.wire.LineReader;
import smtpd.filter.wire.ProtocolException;
import smtpd.filter.wire.ServerLine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// One run of a filter. The thread that calls [#run] reads; sessions run on their lanes; one thread
/// writes.
public final class Program {
    /// How long sessions may go on when the server has gone.
    static final Duration END_PATIENCE = Duration.ofSeconds(5);

    private final Declared declared;
    private final InstantSource clock;
    private final Faults faults;
    private final Busy busy = new Busy();

    /// @param errors where faults are told
    /// @param clock what time it is until the server says so
    public Program(Declared declared, PrintStream errors, InstantSource clock) {
        this.clock = clock;
        this.declared = declared;
        this.faults = new Faults(errors);
    }

    /// Runs until the input ends.
    ///
    /// @return the exit status
    public int run(InputStream in, OutputStream out, Map<String, String> environment) {
        Writer writer = new Writer(out);
        int status = 1;
        try {
            serve(new LineReader(in), writer, environment);
            status = 0;
        } catch (ProtocolException e) {
            faults.say("protocol: " + e.getMessage());
        } catch (IOException e) {
            faults.say(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writer.close(END_PATIENCE);
        return status;
    }

    private void serve(LineReader lines, Writer writer, Map<String, String> environment)
            throws IOException, ProtocolException, InterruptedException {
        Handshake handshake = Handshake.read(lines);
        if (declared.wantsDns() && !"1".equals(environment.get("SMTPD_FILTER_DNS"))) {
            throw new ProtocolException(
                    "this server has no DNS for filters: SMTPD_FILTER_DNS is not 1");
        }
        declared.registrations(handshake.subsystems()).forEach(writer::write);
        Server server = new Server(handshake, writer);
        Desk desk = new Desk(declared, writer, server.dns, server.house(), clock.instant());
        server.desk = desk;
        start(server);
        byte[] line = lines.next();
        while (line != null) {
            desk.take(ServerLine.read(line));
            line = lines.next();
        }
        desk.close();
        if (!busy.awaitIdle(END_PATIENCE)) {
            faults.say("sessions were still at work");
        }
        declared.end().run();
    }

    private void start(Daemon daemon) {
        busy.begin();
        Thread.startVirtualThread(() -> {
            try {
                declared.start().started(daemon);
            } catch (Exception e) {
                faults.tell("-", "start", e);
            } finally {
                busy.end();
            }
        });
    }

    /// The server as the filter sees it.
    private final class Server implements Daemon {
        private final Handshake handshake;
        private final Writer writer;
        private final DnsDesk dns;
        private @Nullable Desk desk;

        private Server(Handshake handshake, Writer writer) {
            this.handshake = handshake;
            this.writer = writer;
            this.dns = new DnsDesk(writer);
        }

        private LiveSession.House house() {
            return new LiveSession.House(this, dns, this::tell, busy, faults, declared.wantsDns());
        }

        private void tell(Subsystem subsystem, String session, String text) {
            writer.write(FilterLine.report(now(), subsystem.word(), session, text));
        }

        @Override
        public String version() {
            return config("smtpd-version");
        }

        @Override
        public String config(String key) {
            return handshake.config().getOrDefault(key, "");
        }

        @Override
        public Set<Subsystem> subsystems() {
            return Set.copyOf(handshake.subsystems());
        }

        @Override
        public Instant now() {
            return desk == null ? clock.instant() : desk.now();
        }

        @Override
        public CompletableFuture<DnsAnswer> dns(DnsType type, String name) {
            if (!declared.wantsDns()) {
                throw new IllegalStateException("the filter has not declared usesDns()");
            }
            return dns.ask("-", type, name);
        }

        @Override
        public void log(String text) {
            faults.say(text);
        }
    }
}
