package smtpd.e2e.sim;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.DeliveryType;
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
import java.util.function.Consumer;

/// Other people's servers, and mta's sessions with them.
final class Remotes implements Sessions {
    private final MailWorld at;
    private final Dice dice;

    Remotes(MailWorld at) {
        this.at = at;
        dice = new Dice(at.world.random("remotes " + at.mta.life()));
    }

    @Override
    public OpenSession open(SessionPlan plan, Consumer<SessionReport> reports) {
        Session session = new Session(reports);
        at.mta.after(dice.millis(5, 400), session::greet);
        return session;
    }

    private boolean trouble(int percent) {
        return !at.farEnd.calm() && dice.percent(percent);
    }

    private final class Session implements OpenSession {
        private final Consumer<SessionReport> reports;
        private final ArrayDeque<Task> tasks = new ArrayDeque<>();
        private boolean greeted;
        private boolean working;
        private boolean finishing;
        private boolean ended;

        Session(Consumer<SessionReport> reports) {
            this.reports = reports;
        }

        private void greet() {
            if (trouble(10)) {
                end(new RouteVerdict.Network("connection refused"));
            } else if (trouble(5)) {
                end(new RouteVerdict.Refused("421 4.3.2 busy"));
            } else if (!ended) {
                greeted = true;
                reports.accept(new SessionReport.Ready());
                work();
            }
        }

        @Override
        public void give(Task task) {
            tasks.add(task);
            at.mta.execute(this::work);
        }

        @Override
        public void finish() {
            finishing = true;
            at.mta.after(dice.millis(1, 100), this::work);
        }

        @Override
        public void abort() {
            at.mta.execute(() -> end(new RouteVerdict.Network("broken off")));
        }

        @Override
        public void drop() {
            at.mta.execute(() -> end(new RouteVerdict.Fine()));
        }

        private void end(RouteVerdict verdict) {
            if (!ended) {
                ended = true;
                reports.accept(new SessionReport.Ended(verdict));
            }
        }

        private void work() {
            if (ended || working || !greeted) {
                return;
            }
            Task task = tasks.peek();
            if (task != null) {
                working = true;
                boolean slow = task.envelopes().getFirst().dest().domain().startsWith("slow");
                at.mta.after(slow ? dice.millis(100, 20_000) : dice.millis(2, 300), this::rcpts);
            } else if (finishing) {
                end(new RouteVerdict.Fine());
            }
        }

        /// MAIL and RCPT: each recipient is answered.
        private void rcpts() {
            if (ended) {
                return;
            }
            if (trouble(5)) {
                end(new RouteVerdict.Network("connection lost"));
                return;
            }
            Transfer transfer = new Transfer(tasks.remove());
            byte @Nullable [] content = at.content(transfer.task.msgid());
            transfer.task.envelopes().forEach(envelope -> transfer.begin(envelope, content));
            if (transfer.taken.isEmpty() || content == null) {
                at.mta.after(dice.millis(1, 50), () -> transfer.finish(content == null));
                return;
            }
            if (trouble(3)) {
                transfer.untried();
                end(new RouteVerdict.Network("connection lost in the content"));
                return;
            }
            boolean lost = trouble(4);
            at.world.after(
                    dice.millis(1, 500),
                    () -> {
                        if (!lost || dice.percent(50)) {
                            transfer.arrive(lost);
                        }
                    });
            at.mta.after(
                    dice.millis(500, 3000),
                    () -> {
                        if (!ended) {
                            transfer.finish(lost);
                        }
                    });
        }

        /// One message on its way over this session.
        private final class Transfer {
            private final Task task;
            private final List<DeliveryResult> results = new ArrayList<>();
            private final List<Envelope> taken = new ArrayList<>();
            private final List<Rcpt.@Nullable Attempt> attempts = new ArrayList<>();

            Transfer(Task task) {
                this.task = task;
            }

            private void begin(Envelope envelope, byte @Nullable [] content) {
                if (content != null) {
                    at.ledger.read(envelope, content);
                }
                Rcpt.@Nullable Attempt attempt = at.ledger.attempt(envelope, DeliveryType.MTA);
                Outcome outcome = at.farEnd.answer(envelope);
                if (outcome == Outcome.OK) {
                    taken.add(envelope);
                    attempts.add(attempt);
                    return;
                }
                at.refused(envelope, outcome, attempt);
                boolean forNow = outcome == Outcome.TEMPFAIL;
                results.add(
                        new DeliveryResult(
                                envelope.id(),
                                outcome,
                                new Esc(forNow ? 4 : 5, 2, 1),
                                forNow ? "450 4.2.1 not now" : "550 5.2.1 no",
                                false));
            }

            /// The server has everything and takes it.
            private void arrive(boolean uncertain) {
                for (int i = 0; i < taken.size(); i++) {
                    Rcpt.@Nullable Attempt attempt = attempts.get(i);
                    at.ledger.delivered(taken.get(i), attempt);
                    if (attempt != null) {
                        attempt.uncertain = uncertain;
                    }
                }
            }

            private void untried() {
                List<EvpId> rest = taken.stream().map(Envelope::id).toList();
                reports.accept(new SessionReport.Finished(results, rest));
            }

            private void finish(boolean lost) {
                for (int i = 0; i < taken.size(); i++) {
                    Rcpt.@Nullable Attempt attempt = attempts.get(i);
                    if (attempt != null) {
                        attempt.reported = at.world.nanos();
                        attempt.deferred = lost;
                    }
                    results.add(
                            new DeliveryResult(
                                    taken.get(i).id(),
                                    lost ? Outcome.TEMPFAIL : Outcome.OK,
                                    new Esc(lost ? 4 : 2, lost ? 4 : 0, lost ? 2 : 0),
                                    lost ? "connection lost after the content" : "250 taken",
                                    false));
                }
                reports.accept(new SessionReport.Finished(results, List.of()));
                working = false;
                if (lost) {
                    end(new RouteVerdict.Network("connection lost"));
                } else {
                    work();
                }
            }
        }
    }
}
