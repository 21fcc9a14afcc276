package smtpd.mta;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Esc;
import smtpd.core.mail.Outcome;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Servers as a test wants them, by address, without a network.
final class FakeSessions implements Sessions {
    final List<FakeSession> all = new ArrayList<>();
    private final Map<String, Server> servers = new LinkedHashMap<>();
    private final FakeAgenda agenda;
    private long mostOpen;

    /// How long a message takes.
    Duration pace = Duration.ofMillis(10);

    /// How a server behaves.
    enum Server {
        /// Takes everything.
        GOOD,
        /// Cannot be connected to.
        DEAD,
        /// Greets with 421.
        BUSY,
        /// Says 421 to the first message.
        TIRED,
        /// Takes a message and never answers.
        SILENT,
        /// Takes ASCII only.
        PLAIN,
        /// Shows a certificate of somebody else.
        UNTRUSTED,
        /// Answers more than it was asked, unless it is asked one thing at a time.
        MUDDLED
    }

    FakeSessions(FakeAgenda agenda) {
        this.agenda = agenda;
    }

    void put(String address, Server server) {
        servers.put(address, server);
    }

    @Override
    public OpenSession open(SessionPlan plan, Consumer<SessionReport> reports) {
        FakeSession session = new FakeSession(plan, reports);
        all.add(session);
        mostOpen = Math.max(mostOpen, open());
        agenda.after(Duration.ofMillis(5), session::greet);
        return session;
    }

    /// Sessions that are open now.
    long open() {
        return all.stream().filter(session -> !session.ended).count();
    }

    /// Sessions that were open at the same time, at most.
    long mostOpen() {
        return mostOpen;
    }

    /// Messages taken by all servers.
    long messages() {
        return all.stream().mapToLong(session -> session.messages).sum();
    }

    /// One session.
    final class FakeSession implements OpenSession {
        final SessionPlan plan;
        private final Consumer<SessionReport> reports;
        private final ArrayDeque<Task> tasks = new ArrayDeque<>();
        final Instant opened = agenda.now();
        int messages;
        boolean ended;
        boolean aborted;
        private boolean working;
        private boolean greeted;
        private boolean finishing;

        FakeSession(SessionPlan plan, Consumer<SessionReport> reports) {
            this.plan = plan;
            this.reports = reports;
        }

        private Server server() {
            return servers.getOrDefault(plan.route().address(), Server.GOOD);
        }

        private void greet() {
            switch (server()) {
                case DEAD -> end(new RouteVerdict.Network("Connection refused"));
                case BUSY -> end(new RouteVerdict.Refused("421 4.3.2 busy"));
                case UNTRUSTED -> end(new RouteVerdict.Untrusted("self-signed certificate"));
                case GOOD, TIRED, SILENT, PLAIN, MUDDLED -> {
                    greeted = true;
                    reports.accept(new SessionReport.Ready());
                    work();
                }
            }
        }

        private void work() {
            if (ended || working || !greeted) {
                return;
            }
            if (!tasks.isEmpty()) {
                working = true;
                if (server() != Server.SILENT) {
                    agenda.after(pace, this::answer);
                }
            } else if (finishing) {
                end(new RouteVerdict.Fine());
            }
        }

        private void answer() {
            if (ended) {
                return;
            }
            working = false;
            Task task = tasks.remove();
            if (server() == Server.TIRED) {
                leave(task, new RouteVerdict.Refused("421 4.3.2 enough"));
                return;
            }
            if (server() == Server.MUDDLED && plan.manner().pipelining()) {
                leave(task, new RouteVerdict.Broken("muddle", RouteVerdict.Step.OUT_OF_STEP));
                return;
            }
            if (server() == Server.PLAIN) {
                reports.accept(plain(task));
                work();
                return;
            }
            messages++;
            List<DeliveryResult> results =
                    task.envelopes().stream()
                            .map(it ->
                                    new DeliveryResult(
                                            it.id(), Outcome.OK, new Esc(2, 0, 0), "250 ok", false))
                            .toList();
            reports.accept(new SessionReport.Finished(results, List.of()));
            work();
        }

        private void leave(Task task, RouteVerdict verdict) {
            List<smtpd.core.mail.EvpId> ids = task.envelopes().stream().map(Envelope::id).toList();
            reports.accept(new SessionReport.Finished(List.of(), ids));
            end(verdict);
        }

        private SessionReport plain(Task task) {
            List<DeliveryResult> taken = new ArrayList<>();
            List<DeliveryResult> unfit = new ArrayList<>();
            for (Envelope it : task.envelopes()) {
                boolean ascii = it.dest().isAscii();
                messages += ascii ? 1 : 0;
                (ascii ? taken : unfit)
                        .add(
                                new DeliveryResult(
                                        it.id(),
                                        ascii ? Outcome.OK : Outcome.PERMFAIL,
                                        ascii ? new Esc(2, 0, 0) : new Esc(5, 6, 7),
                                        ascii ? "250 ok" : "no SMTPUTF8",
                                        false));
            }
            return new SessionReport.Finished(taken, List.of(), unfit);
        }

        void end(RouteVerdict verdict) {
            if (!ended) {
                ended = true;
                reports.accept(new SessionReport.Ended(verdict));
            }
        }

        @Override
        public void give(Task task) {
            tasks.add(task);
            work();
        }

        @Override
        public void finish() {
            finishing = true;
            agenda.after(Duration.ofMillis(1), this::work);
        }

        @Override
        public void abort() {
            aborted = true;
            agenda.after(Duration.ofMillis(1), () -> end(new RouteVerdict.Network("broken off")));
        }

        @Override
        public void drop() {
            agenda.after(Duration.ofMillis(1), () -> end(new RouteVerdict.Fine()));
        }
    }
}
