package smtpd.e2e.sim.router;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.Outcome;
import smtpd.mta.OpenSession;
import smtpd.mta.RouteVerdict;
import smtpd.mta.SessionPlan;
import smtpd.mta.SessionReport;
import smtpd.mta.Sessions;
import smtpd.mta.Task;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Sessions with the servers of an [Internet].
final class FarSessions implements Sessions {
    /// Recipients beyond a hundred take a good server so many milliseconds each.
    private static final int RCPT_MILLIS = 20;

    /// Connections that a crowded server has places for.
    private static final int PLACES = 2;

    private final Clockwork clock;
    private final RandomGenerator random;
    private final Internet internet;
    private final Referee referee;

    FarSessions(Clockwork clock, RandomGenerator random, Internet internet, Referee referee) {
        this.clock = clock;
        this.random = random;
        this.internet = internet;
        this.referee = referee;
    }

    @Override
    public OpenSession open(SessionPlan plan, Consumer<SessionReport> reports) {
        Session session = new Session(plan, reports);
        referee.opened(session);
        session.host.open++;
        session.host.connections++;
        session.connect();
        return session;
    }

    private static List<EvpId> ids(Task task) {
        return task.envelopes().stream().map(Envelope::id).toList();
    }

    /// Chance that follows from what is happening alone, so that two worlds that differ elsewhere
    /// agree here.
    private static long mixed(long what, int bound) {
        long mixed = what * 0x9e3779b97f4a7c15L;
        return ((mixed ^ mixed >>> 32) & Long.MAX_VALUE) % bound;
    }

    /// One of them.
    final class Session implements OpenSession {
        final SessionPlan plan;
        final FarHost host;
        private final Consumer<SessionReport> reports;
        private final ArrayDeque<Task> tasks = new ArrayDeque<>();
        int given;
        private int done;
        private boolean greeted;

        /// Whether a recipient was taken.
        private boolean taken;

        private boolean working;
        private boolean finishing;
        private boolean ended;

        Session(SessionPlan plan, Consumer<SessionReport> reports) {
            this.plan = plan;
            this.reports = reports;
            host = Objects.requireNonNull(internet.hosts.get(plan.route().address()));
        }

        /// The tasks it holds.
        Iterable<Task> tasks() {
            return tasks;
        }

        private void connect() {
            switch (host.manner()) {
                case DEAD -> endIn(random.nextInt(1, 200), "Connection refused");
                case ABSENT -> endIn(30_000, "Connect timed out");
                case CROWDED -> {
                    if (host.open > PLACES) {
                        clock.afterMillis(
                                random.nextInt(5, 100),
                                () -> end(new RouteVerdict.Refused("421 4.7.0 too many")));
                    } else {
                        clock.afterMillis(random.nextInt(5, 100), this::greet);
                    }
                }
                case FLAKY -> {
                    if (random.nextInt(4) == 0) {
                        endIn(random.nextInt(5, 2000), "Connection reset");
                    } else {
                        clock.afterMillis(random.nextInt(5, 2000), this::greet);
                    }
                }
                case GOOD -> clock.afterMillis(5 + mixed(clock.millis(), 295), this::greet);
                case SLOW, TIRED, TARPIT, GREY, CHOOSY ->
                        clock.afterMillis(random.nextInt(5, 300), this::greet);
            }
        }

        private void endIn(int millis, String why) {
            clock.afterMillis(millis, () -> end(new RouteVerdict.Network(why)));
        }

        private void greet() {
            if (!ended) {
                greeted = true;
                referee.greeted(this);
                reports.accept(new SessionReport.Ready());
                work();
            }
        }

        private void work() {
            if (ended || working || !greeted) {
                return;
            }
            if (!tasks.isEmpty()) {
                working = true;
                transact();
            } else if (finishing) {
                end(new RouteVerdict.Fine());
            }
        }

        private void transact() {
            host.transactions++;
            int millis = random.nextInt(10, 300);
            switch (host.manner()) {
                case TARPIT -> {}
                case SLOW -> clock.afterMillis(random.nextInt(1000, 30_000), () -> finish(0, 0));
                case TIRED -> {
                    boolean enough = ++done % 4 == 0;
                    clock.afterMillis(millis, enough ? this::farewell : () -> finish(0, 0));
                }
                case FLAKY -> {
                    boolean lost = random.nextInt(4) == 0;
                    clock.afterMillis(millis, lost ? this::lose : () -> finish(10, 5));
                }
                case GREY -> clock.afterMillis(millis, () -> finish(80, 0));
                case CHOOSY -> clock.afterMillis(millis, () -> finish(10, 80));
                case GOOD -> {
                    long created = tasks.element().envelopes().getFirst().created().toEpochMilli();
                    long many = Math.max(0, tasks.element().envelopes().size() - 100);
                    clock.afterMillis(
                            10 + mixed(created, 290) + RCPT_MILLIS * many, () -> finish(0, 0));
                }
                case CROWDED, DEAD, ABSENT -> clock.afterMillis(millis, () -> finish(0, 0));
            }
        }

        private void farewell() {
            end(new RouteVerdict.Refused("421 4.3.2 enough"));
        }

        private void lose() {
            end(new RouteVerdict.Network("Connection reset"));
        }

        /// Answers the first task.
        ///
        /// @param grey percent of recipients refused for now
        /// @param choosy percent refused for good
        private void finish(int grey, int choosy) {
            if (ended) {
                return;
            }
            Task task = tasks.remove();
            List<DeliveryResult> results = new ArrayList<>();
            for (Envelope envelope : task.envelopes()) {
                int dice = random.nextInt(100);
                Outcome outcome =
                        dice < grey
                                ? Outcome.TEMPFAIL
                                : dice < grey + choosy ? Outcome.PERMFAIL : Outcome.OK;
                taken |= outcome == Outcome.OK;
                int code = outcome == Outcome.OK ? 2 : outcome == Outcome.TEMPFAIL ? 4 : 5;
                results.add(
                        new DeliveryResult(
                                envelope.id(), outcome, new Esc(code, 0, 0), code + "50", false));
            }
            working = false;
            reports.accept(new SessionReport.Finished(results, List.of()));
            work();
        }

        /// As a session does: the message it is at is answered for, the others are not.
        void end(RouteVerdict verdict) {
            if (!ended) {
                ended = true;
                Task task = working ? tasks.poll() : null;
                if (task != null) {
                    reports.accept(new SessionReport.Finished(List.of(), ids(task)));
                }
                host.open--;
                boolean lost = verdict instanceof RouteVerdict.Network && taken;
                referee.closed(this, !lost && !(verdict instanceof RouteVerdict.Fine));
                reports.accept(new SessionReport.Ended(verdict));
            }
        }

        @Override
        public void give(Task task) {
            given++;
            tasks.add(task);
            referee.given(this, task);
            clock.afterMillis(0, this::work);
        }

        @Override
        public void finish() {
            finishing = true;
            clock.afterMillis(1, this::work);
        }

        @Override
        public void abort() {
            clock.afterMillis(1, () -> end(new RouteVerdict.Network("broken off")));
        }

        @Override
        public void drop() {
            clock.afterMillis(1, () -> end(new RouteVerdict.Fine()));
        }
    }
}
