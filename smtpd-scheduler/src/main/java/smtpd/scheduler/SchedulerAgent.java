package smtpd.scheduler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.Limits;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Progress;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.SchedulerToControl;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.Selection;
import smtpd.core.imsg.Trace;
import smtpd.core.imsg.Verbose;
import smtpd.core.log.Logging;
import smtpd.core.log.Traces;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.proc.Agenda;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;
import smtpd.core.stat.Statistics;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;

/// The scheduler's agent: brings the messages of queue and control to the [RunQueue], and what is
/// due to the queue, at its exact time.
///
/// The queue is the truth: when it goes, what it said is forgotten, and when it comes it is asked
/// to submit every envelope again, or to say which there are.
public final class SchedulerAgent {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulerAgent.class);

    private static final String TRACE = "scheduler";

    /// Envelopes in one `Suspend` or `Extend`, so that a command for all of them makes no giant
    /// frame.
    static final int SUSPEND_MAX = 1000;

    /// Destinations listed in a summary.
    static final int SUMMARY_MAX = 1000;

    /// What has changed is kept after so long: as much as a process that is killed forgets.
    static final Duration SAVE_AFTER = Duration.ofSeconds(1);

    /// Whoever waits for a command hears of it so often that it is under way: a few times within
    /// the patience of control.
    static final Duration PROGRESS_EVERY = Duration.ofSeconds(5);

    private final Limits.Scheduler limits;
    private final Agenda agenda;
    private final RunQueue runQueue;
    private @Nullable Ports ports;
    private final NavigableSet<Instant> alarms = new TreeSet<>();
    private final List<Command> waiting = new ArrayList<>();
    private int unanswered;
    private int loads;
    private boolean again;
    private boolean saving;

    private record Ports(
            Peer<SchedulerToQueue, QueueToScheduler> queue,
            Peer<SchedulerToControl, ControlToScheduler> control,
            Counts counts) {}

    /// An agent that hears nothing yet.
    ///
    /// @param limits bounds of what is handed out
    /// @param paused types whose deliveries start paused
    /// @param runQueue the envelopes; empty
    /// @param agenda the agent's clock and timers
    public SchedulerAgent(
            Limits.Scheduler limits, List<DeliveryType> paused, RunQueue runQueue, Agenda agenda) {
        this.limits = limits;
        this.agenda = agenda;
        this.runQueue = runQueue;
        paused.forEach(type -> runQueue.pause(type, true, agenda.now()));
    }

    /// Gives the agent its peers, before any of them is attached.
    ///
    /// @param queue the queue
    /// @param control control
    /// @param statistics where the agent counts
    public void connect(
            Peer<SchedulerToQueue, QueueToScheduler> queue,
            Peer<SchedulerToControl, ControlToScheduler> control,
            Statistics statistics) {
        ports = new Ports(queue, control, new Counts(statistics));
    }

    /// Where the queue's messages arrive.
    public Inbox<QueueToScheduler> queue() {
        return new FromQueue();
    }

    /// Where control's messages arrive.
    public Inbox<ControlToScheduler> control() {
        return new FromControl();
    }

    private final class FromQueue implements Inbox<QueueToScheduler> {
        @Override
        public void receive(long request, QueueToScheduler message) {
            fromQueue(message);
        }

        @Override
        public void attached() {
            beginAnew();
        }

        @Override
        public void detached() {
            forget();
        }
    }

    private final class FromControl implements Inbox<ControlToScheduler> {
        @Override
        public void receive(long request, ControlToScheduler message) {
            fromControl(request, message);
        }

        @Override
        public void attached() {
            ports().counts().repeat();
        }
    }

    private void fromQueue(QueueToScheduler message) {
        switch (message) {
            case QueueToScheduler.Submit it -> runQueue.submit(it.entry());
            case QueueToScheduler.CommitMessage it -> commit(it);
            case QueueToScheduler.RollbackMessage it -> runQueue.rollback(it.msgid());
            case QueueToScheduler.Delivered it -> runQueue.delivered(it.id());
            case QueueToScheduler.Deferred it -> defer(it);
            case QueueToScheduler.Returned it -> runQueue.returned(it.id(), agenda.now());
            case QueueToScheduler.Hold it -> hold(it);
            case QueueToScheduler.Release it -> release(it);
            case QueueToScheduler.Schedule it ->
                    runQueue.schedule(new Selection(it.id().value())).next(agenda.now());
            case QueueToScheduler.Found it -> found(it);
            case QueueToScheduler.Loaded _ -> loaded();
            case QueueToScheduler.Remembered _ -> remembered();
        }
        work();
    }

    private void fromControl(long request, ControlToScheduler message) {
        switch (message) {
            case Verbose it -> Logging.verbose(it.on());
            case Trace it -> Traces.set(it.subsystem(), it.on());
            case ControlToScheduler.Pause it -> answer(request, pause(it));
            case ControlToScheduler.Schedule it -> sweep(request, runQueue.schedule(it.which()));
            case ControlToScheduler.ScheduleDomain it ->
                    sweep(request, runQueue.schedule(it.domain()));
            case ControlToScheduler.Remove it -> sweep(request, runQueue.remove(it.which()));
            case ControlToScheduler.Suspend it -> suspend(request, it);
            case ControlToScheduler.Extend it -> extend(request, it);
            case ControlToScheduler.States it -> answer(request, states(it));
            case ControlToScheduler.Summarize it -> answer(request, summary(it));
        }
        work();
    }

    private void answer(long request, SchedulerToControl message) {
        if (request != 0) {
            ports().control().answer(request, message);
        }
    }

    private void commit(QueueToScheduler.CommitMessage it) {
        int count = runQueue.commit(it.msgid(), agenda.now());
        trace("commit", it.msgid(), count);
    }

    private void defer(QueueToScheduler.Deferred it) {
        if (runQueue.deferred(it.id(), it.lastTry(), agenda.now())) {
            ports().counts().updated();
        }
    }

    private void hold(QueueToScheduler.Hold it) {
        Instant now = agenda.now();
        if (!runQueue.hold(it.id(), it.holdq(), now)) {
            ports().counts().holdOverflow();
        }
    }

    private void release(QueueToScheduler.Release it) {
        runQueue.release(it.type(), it.holdq(), it.count(), agenda.now());
    }

    private void found(QueueToScheduler.Found it) {
        runQueue.found(it.entries(), it.inHand(), agenda.now());
        afterForgetting(() -> ports().queue().send(new SchedulerToQueue.More()));
    }

    /// Forgets what is gone, in parts, between which mail goes on.
    private void afterForgetting(Runnable then) {
        if (!runQueue.forgetsMore()) {
            then.run();
            return;
        }
        int load = loads;
        agenda.after(
                Duration.ZERO,
                () -> {
                    if (load == loads) {
                        afterForgetting(then);
                        work();
                    }
                });
    }

    /// The queue has taken in a decision: when it was the last one, commands that wait go on.
    private void remembered() {
        unanswered = Math.max(0, unanswered - 1);
        if (unanswered == 0) {
            List<Command> free = List.copyOf(waiting);
            waiting.clear();
            free.forEach(Command::next);
        }
    }

    private void loaded() {
        runQueue.loaded();
        afterForgetting(this::tellLoaded);
    }

    private void tellLoaded() {
        Census census = runQueue.census();
        LOG.info(
                "info: scheduler: {} envelopes of {} messages loaded, {} overdue",
                census.envelopes(),
                census.messages(),
                runQueue.overdue());
        int stale = runQueue.stale();
        if (stale > 0) {
            LOG.warn(
                    "warn: scheduler: {} envelopes are past their ttl by this host's clock: each is"
                            + " tried before it expires",
                    stale);
        }
    }

    private SchedulerToControl pause(ControlToScheduler.Pause it) {
        if (it.type() == DeliveryType.BOUNCE) {
            return new Done(false, "bounces cannot be paused");
        }
        boolean changed = runQueue.pause(it.type(), it.on(), agenda.now());
        String already =
                it.type().word() + (it.on() ? " is paused already" : " is running already");
        return new Done(changed, changed ? "" : already);
    }

    private void suspend(long request, ControlToScheduler.Suspend it) {
        new Command(
                        request,
                        runQueue.suspend(it.which(), it.on()),
                        ids -> new SchedulerToQueue.Suspend(ids, it.on()))
                .next();
    }

    private void extend(long request, ControlToScheduler.Extend it) {
        new Command(
                        request,
                        runQueue.extend(it.which(), it.domain(), it.by()),
                        ids -> new SchedulerToQueue.Extend(ids, it.by()))
                .next();
    }

    private void sweep(long request, Sweep sweep) {
        new Command(
                        request,
                        sweep,
                        _ -> {
                            throw new IllegalStateException("nothing to remember");
                        })
                .next();
    }

    /// A command that is being carried out. Its next part comes after what has arrived meanwhile,
    /// and after the queue has taken in what it is to remember of the part before.
    private final class Command {
        private final long request;
        private final Sweep sweep;
        private final Function<List<EvpId>, SchedulerToQueue> tell;
        private int count;
        private Instant heard = agenda.now();

        private Command(long request, Sweep sweep, Function<List<EvpId>, SchedulerToQueue> tell) {
            this.request = request;
            this.sweep = sweep;
            this.tell = tell;
        }

        private void next() {
            Sweep.Part part = sweep.next(agenda.now());
            count += part.count();
            int told = remember(part.changed());
            if (part.last()) {
                end();
                return;
            }
            tellProgress();
            if (told > 0) {
                waiting.add(this);
            } else {
                later();
            }
        }

        private void tellProgress() {
            Instant now = agenda.now();
            if (!now.isBefore(heard.plus(PROGRESS_EVERY))) {
                heard = now;
                answer(request, new Progress(count));
            }
        }

        private void end() {
            answer(request, new SchedulerToControl.Count(count));
        }

        private void later() {
            agenda.after(
                    Duration.ZERO,
                    () -> {
                        next();
                        work();
                    });
        }

        /// Has the queue remember what the operator has decided.
        ///
        /// @return in how many messages
        private int remember(long[] changed) {
            int told = 0;
            for (int from = 0; from < changed.length; from += SUSPEND_MAX) {
                List<EvpId> ids = new ArrayList<>();
                for (int i = from; i < Math.min(changed.length, from + SUSPEND_MAX); i++) {
                    ids.add(new EvpId(changed[i]));
                }
                ports().queue().send(tell.apply(ids));
                told++;
            }
            unanswered += told;
            return told;
        }
    }

    private SchedulerToControl states(ControlToScheduler.States it) {
        return new SchedulerToControl.StateList(runQueue.states(it.envelopes()));
    }

    private SchedulerToControl summary(ControlToScheduler.Summarize it) {
        return runQueue.summary(Math.clamp(it.destinations(), 1, SUMMARY_MAX), agenda.now());
    }

    /// Forgets what the queue said; what control said stays.
    private void forget() {
        loads++;
        runQueue.clear();
        unanswered = 0;
        waiting.forEach(Command::end);
        waiting.clear();
        ports().counts().census(runQueue.census());
    }

    /// Has the queue tell what there is.
    private void beginAnew() {
        forget();
        ports().queue().send(new SchedulerToQueue.Resubmit(runQueue.compares()));
    }

    /// Hands out what is due. If there is more than one turn takes, the messages that have arrived
    /// meanwhile go first; otherwise the next time is the timeline's.
    private void work() {
        List<SchedulerToQueue> batches = runQueue.work(agenda.now());
        if (runQueue.isLost()) {
            beginAnew();
            workAgain();
            return;
        }
        batches.forEach(this::handOut);
        ports().counts().census(runQueue.census());
        if (batches.size() >= limits.maxSchedule()) {
            workAgain();
        } else {
            runQueue.wake().ifPresent(this::wakeAt);
        }
        saveLater();
    }

    private void saveLater() {
        if (!saving && runQueue.isUnsaved()) {
            saving = true;
            agenda.after(SAVE_AFTER, this::save);
        }
    }

    /// Keeps what has changed for the next run.
    public void save() {
        saving = false;
        runQueue.save();
        if (runQueue.isLost()) {
            beginAnew();
        }
    }

    private void handOut(SchedulerToQueue batch) {
        switch (batch) {
            case SchedulerToQueue.Deliver it -> trace("deliver", it.type(), it.envelopes().size());
            case SchedulerToQueue.Expire it -> ports().counts().expired(it.envelopes().size());
            case SchedulerToQueue.Remove it -> ports().counts().removed(it.envelopes().size());
            case SchedulerToQueue.Suspend _,
                    SchedulerToQueue.Extend _,
                    SchedulerToQueue.Resubmit _,
                    SchedulerToQueue.More _ -> {}
        }
        ports().queue().send(batch);
    }

    private void workAgain() {
        if (!again) {
            again = true;
            agenda.after(
                    Duration.ZERO,
                    () -> {
                        again = false;
                        work();
                    });
        }
    }

    /// Sets an alarm unless an earlier one is set already, after which the next is looked up anew.
    private void wakeAt(Instant time) {
        if (alarms.isEmpty() || time.isBefore(alarms.first())) {
            alarms.add(time);
            agenda.after(Duration.between(agenda.now(), time), () -> ring(time));
        }
    }

    private void ring(Instant time) {
        alarms.remove(time);
        work();
    }

    private Ports ports() {
        return Objects.requireNonNull(ports, "connect comes first");
    }

    private static void trace(String what, Object which, int count) {
        if (Traces.on(TRACE)) {
            LOG.info("scheduler: {} {}: {} envelopes", what, which, count);
        }
    }
}
