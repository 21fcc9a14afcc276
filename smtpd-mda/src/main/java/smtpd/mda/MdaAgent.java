package smtpd.mda;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Limits;
import smtpd.core.imsg.BodyChunk;
import smtpd.core.imsg.BodyFailed;
import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.LkaToMda;
import smtpd.core.imsg.MdaToLka;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.SessionId;
import smtpd.core.proc.Agenda;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;
import smtpd.core.stat.Statistics;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Decides which delivery starts when, and tells the queue how each ended.
///
/// State · users with work ([MdaUser]), each with its waiting tasks; a turn of users that may start
/// one; results not yet sent; envelopes still being delivered for a queue process that has died.
///
/// Invariants · at most `max-session` deliveries run, at most `max-session-per-user` for one user;
/// users take turns; every envelope handed out ends in exactly one result or hold, unless the queue
/// dies first.
///
/// Limits · a user with `task-hiwat` envelopes has further ones held, and asks for `task-release`
/// of them when fewer than `task-lowat` are left.
///
/// OpenSMTPD: the hold queue is asked for a number of envelopes once, not again at each delivery
/// while these are on their way.
public final class MdaAgent {
    /// How long lka may take to find a user before the envelopes are tried later.
    static final Duration LOOKUP_PATIENCE = Duration.ofSeconds(60);

    private static final String USER_TEMPFAIL = "Temporary failure in user lookup";

    private final Map<String, Dispatcher.Local> dispatchers = new LinkedHashMap<>();
    private final Limits.Mda limits;
    private final Ports ports;
    private final Map<MdaUser.Key, MdaUser> users = new LinkedHashMap<>();
    private final ArrayDeque<MdaUser> turn = new ArrayDeque<>();
    private final List<DeliveryResult> results = new ArrayList<>();
    private final Set<EvpId> inflight = new HashSet<>();
    private final Set<EvpId> orphans = new HashSet<>();
    private final Set<EvpId> adopted = new HashSet<>();
    private @Nullable Runnable whenIdle;
    private int running;
    private long life;

    /// What the agent may use.
    ///
    /// @param queue gives work, takes results
    /// @param lka finds users
    /// @param deliveries does the work
    /// @param agenda the clock
    /// @param statistics counts
    /// @param log takes one line for each envelope and attempt
    public record Ports(
            Peer<MdaToQueue, QueueToMda> queue,
            Peer<MdaToLka, LkaToMda> lka,
            Deliveries deliveries,
            Agenda agenda,
            Statistics statistics,
            Consumer<String> log) {}

    /// @param dispatchers the local actions
    /// @param limits of sessions and of each user's queue
    /// @param ports what the agent may use
    public MdaAgent(List<Dispatcher.Local> dispatchers, Limits.Mda limits, Ports ports) {
        dispatchers.forEach(each -> this.dispatchers.put(each.name(), each));
        this.limits = limits;
        this.ports = ports;
    }

    /// Where the queue's messages arrive.
    public Inbox<QueueToMda> fromQueue() {
        return new Inbox<>() {
            @Override
            public void receive(long request, QueueToMda message) {
                switch (message) {
                    case QueueToMda.Deliver it -> deliver(it);
                    // Content goes straight to the delivery that asked for it.
                    case BodyChunk _, BodyFailed _ -> {}
                }
            }

            @Override
            public void detached() {
                forgetAll();
            }
        };
    }

    /// Starts nothing more; runs `idle` once, as soon as no delivery is running. What has not begun
    /// is given back to the scheduler by the end of the process.
    public void drain(Runnable idle) {
        whenIdle = idle;
        endIfIdle();
    }

    private void endIfIdle() {
        if (whenIdle != null && running == 0) {
            flush();
            Runnable idle = whenIdle;
            whenIdle = () -> {};
            idle.run();
        }
    }

    private void deliver(QueueToMda.Deliver batch) {
        Map<MdaUser, List<Envelope>> work = new LinkedHashMap<>();
        for (Envelope envelope : batch.envelopes()) {
            Dispatcher.Local action = dispatchers.get(envelope.target().dispatcher());
            if (orphans.contains(envelope.id())) {
                adopted.add(envelope.id());
            } else if (action != null && envelope.target() instanceof Target.Mda target) {
                work.computeIfAbsent(user(target, action), user -> new ArrayList<>()).add(envelope);
            } else {
                refuse(envelope);
            }
        }
        work.forEach(this::accept);
        startSome();
    }

    private void refuse(Envelope envelope) {
        String action = envelope.target().dispatcher();
        report(
                SessionId.NONE,
                envelope,
                Verdict.tempfail("4.3.5", "no local action \"" + action + "\""));
    }

    private MdaUser user(Target.Mda target, Dispatcher.Local action) {
        String named = action.users().user();
        String lookup = named.isEmpty() ? target.user() : named;
        MdaUser.Key key = new MdaUser.Key(action.users().userbase(), lookup, target.user());
        return users.computeIfAbsent(
                key,
                missing -> {
                    ports.statistics().increment("mda.user");
                    return new MdaUser(missing, action.name());
                });
    }

    private void accept(MdaUser user, List<Envelope> envelopes) {
        user.released = Math.max(0, user.released - envelopes.size());
        if (user.envelopes > 0 && user.envelopes >= limits.tasks().hiwat()) {
            user.holding = true;
            ports.queue()
                    .send(
                            new MdaToQueue.Hold(
                                    envelopes.stream().map(Envelope::id).toList(),
                                    user.id.value()));
            return;
        }
        ports.statistics().add("mda.envelope", envelopes.size());
        user.envelopes += envelopes.size();
        split(envelopes).forEach(user.waiting::add);
        count("mda.pending", envelopes.size());
        takeTurn(user);
    }

    /// One task for all recipients of an LMTP transaction, one each for everything else.
    private List<MdaTask> split(List<Envelope> envelopes) {
        Map<String, List<Envelope>> together = new LinkedHashMap<>();
        List<MdaTask> tasks = new ArrayList<>();
        for (Envelope envelope : envelopes) {
            Target.Mda target = (Target.Mda) envelope.target();
            Dispatcher.Local action = action(target.dispatcher());
            if (target.exec().isEmpty() && action.method() instanceof Dispatcher.Method.Lmtp) {
                together.computeIfAbsent(action.name(), name -> new ArrayList<>()).add(envelope);
            } else {
                tasks.add(new MdaTask(envelope.msgid(), action, List.of(envelope), life));
            }
        }
        together.forEach((name, several) ->
                tasks.add(new MdaTask(several.getFirst().msgid(), action(name), several, life)));
        return tasks;
    }

    private Dispatcher.Local action(String name) {
        return java.util.Objects.requireNonNull(dispatchers.get(name));
    }

    private void takeTurn(MdaUser user) {
        boolean able =
                !user.inTurn
                        && !user.waiting.isEmpty()
                        && user.running < limits.maxSessionPerUser();
        if (able) {
            user.inTurn = true;
            turn.add(user);
        }
    }

    private void startSome() {
        while (whenIdle == null && running < limits.maxSession() && !turn.isEmpty()) {
            MdaUser user = turn.poll();
            user.inTurn = false;
            UserRecord record = user.fresh(ports.agenda().now());
            if (record == null) {
                lookUp(user);
            } else if (!user.waiting.isEmpty()) {
                start(user, record, user.waiting.poll());
                takeTurn(user);
            }
        }
    }

    private void lookUp(MdaUser user) {
        if (!user.asked) {
            user.asked = true;
            ports.lka()
                    .ask(
                            new MdaToLka.LookupUser(user.dispatcher, user.key.lookup()),
                            LOOKUP_PATIENCE,
                            answer -> lookedUp(user, answer));
        }
    }

    private void lookedUp(MdaUser user, Peer.Answer<LkaToMda> answer) {
        user.asked = false;
        switch (answer) {
            case Peer.Answer.Got<LkaToMda> got -> {
                switch (got.message()) {
                    case LkaToMda.UserFound it -> user.found(it.user(), ports.agenda().now());
                    case LkaToMda.UserUnknown _ ->
                            failWaiting(
                                    user,
                                    Verdict.permfail("5.1.1", "Permanent failure in user lookup"));
                    case LkaToMda.UserTempfail it ->
                            failWaiting(
                                    user,
                                    Verdict.tempfail("4.3.0", USER_TEMPFAIL + ": " + it.reason()));
                }
            }
            case Peer.Answer.Lost<LkaToMda> _ ->
                    failWaiting(user, Verdict.tempfail("4.3.0", USER_TEMPFAIL));
        }
        takeTurn(user);
        startSome();
        forgetIfIdle(user);
    }

    private void failWaiting(MdaUser user, Verdict verdict) {
        MdaTask task;
        while ((task = user.waiting.poll()) != null) {
            count("mda.pending", -task.size());
            finish(user, task, task.envelopes().stream().map(each -> verdict).toList());
        }
    }

    private void start(MdaUser user, UserRecord record, MdaTask task) {
        running++;
        user.running++;
        task.envelopes().forEach(each -> inflight.add(each.id()));
        count("mda.pending", -task.size());
        count("mda.running", 1);
        Delivery delivery = new Delivery(task.msgid(), record, task.dispatcher(), task.envelopes());
        ports.deliveries().start(delivery, verdicts -> ended(user, task, verdicts));
    }

    private void ended(MdaUser user, MdaTask task, List<Verdict> verdicts) {
        running--;
        user.running--;
        count("mda.running", -1);
        finish(user, task, verdicts);
        takeTurn(user);
        startSome();
        forgetIfIdle(user);
        endIfIdle();
    }

    private void finish(MdaUser user, MdaTask task, List<Verdict> verdicts) {
        for (int i = 0; i < task.size(); i++) {
            Envelope envelope = task.envelopes().get(i);
            inflight.remove(envelope.id());
            orphans.remove(envelope.id());
            if (task.life() == life || adopted.remove(envelope.id())) {
                report(user.id, envelope, verdicts.get(i));
            }
        }
        ports.statistics().add("mda.envelope", -task.size());
        user.envelopes -= task.size();
        releaseSome(user);
    }

    private void releaseSome(MdaUser user) {
        Limits.Tasks tasks = limits.tasks();
        if (!user.holding) {
            return;
        }
        if (user.envelopes == 0) {
            user.holding = false;
            user.released = 0;
            ports.queue().send(new MdaToQueue.Release(user.id.value(), 0));
        } else if (user.envelopes + user.released < tasks.lowat()) {
            user.released += tasks.release();
            ports.queue().send(new MdaToQueue.Release(user.id.value(), tasks.release()));
        }
    }

    private void forgetIfIdle(MdaUser user) {
        if (user.isIdle() && users.remove(user.key, user)) {
            ports.statistics().decrement("mda.user");
        }
    }

    /// Logs at once, and sends with what else ends in this turn of the mailbox.
    private void report(SessionId id, Envelope envelope, Verdict verdict) {
        String user = envelope.target() instanceof Target.Mda target ? target.user() : "";
        ports.log().accept(DeliveryLine.of(id, envelope, user, verdict, ports.agenda().now()));
        if (results.isEmpty()) {
            ports.agenda().after(Duration.ZERO, this::flush);
        }
        results.add(verdict.of(envelope.id()));
    }

    private void flush() {
        if (!results.isEmpty()) {
            ports.queue().send(new MdaToQueue.Results(List.copyOf(results)));
            results.clear();
        }
    }

    /// The queue process died: a fresh one hands everything out again. What is running goes on; if
    /// the fresh queue hands it out once more before it ends, its end counts for that.
    private void forgetAll() {
        life++;
        orphans.addAll(inflight);
        results.clear();
        adopted.clear();
        turn.clear();
        for (MdaUser user : List.copyOf(users.values())) {
            for (MdaTask task : user.waiting) {
                count("mda.pending", -task.size());
                ports.statistics().add("mda.envelope", -task.size());
                user.envelopes -= task.size();
            }
            user.waiting.clear();
            user.inTurn = false;
            user.holding = false;
            user.released = 0;
            forgetIfIdle(user);
        }
    }

    private void count(String key, int amount) {
        ports.statistics().add(key, amount);
    }
}
