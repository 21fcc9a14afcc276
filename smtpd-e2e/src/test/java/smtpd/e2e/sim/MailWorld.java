package smtpd.e2e.sim;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.SpoolFs;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.LkaToMda;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.MdaToLka;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.SchedulerToControl;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Outcome;
import smtpd.queue.store.Content;
import smtpd.queue.store.Piece;
import smtpd.testkit.fs.SimCrash;
import smtpd.testkit.fs.SimFs;
import smtpd.testkit.sim.SimLink;
import smtpd.testkit.sim.SimProcess;
import smtpd.testkit.sim.SimWorld;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// One machine with the processes of the daemon, and everything around it.
final class MailWorld {
    final SimWorld world;
    final Plan plan;
    final Ledger ledger;
    final FarEnd farEnd;
    final SimFs disk;
    final SpoolFs spool;
    final SimProcess smtp;
    final SimProcess lka;
    final SimProcess queue;
    final SimProcess scheduler;
    final SimProcess mta;
    final SimProcess mda;
    final SimProcess control;
    final List<SimProcess> processes;
    final SimLink<SmtpToQueue, QueueToSmtp> smtpQueue;
    final SimLink<LkaToQueue, QueueToLka> lkaQueue;
    final SimLink<SchedulerToQueue, QueueToScheduler> schedulerQueue;
    final SimLink<MtaToQueue, QueueToMta> mtaQueue;
    final SimLink<MdaToQueue, QueueToMda> mdaQueue;
    final SimLink<MtaToLka, LkaToMta> mtaLka;
    final SimLink<MdaToLka, LkaToMda> mdaLka;
    final SimLink<ControlToScheduler, SchedulerToControl> controlScheduler;
    final List<SimLink<?, ?>> links;
    private final Boot boot;
    private final Dice dice;
    private final Disasters disasters;
    private final Operator operator;
    private final LkaModel lkaModel;
    @Nullable SteppedStore store;
    boolean storeFailed;
    private boolean calm;

    MailWorld(long seed, Plan.Lie lie, @Nullable Consumer<String> log) {
        world = new SimWorld(seed, log);
        plan = Plan.of(world.random("plan"), lie);
        ledger = new Ledger(world, plan);
        dice = new Dice(world.random("world"));
        farEnd = new FarEnd(new Dice(world.random("far end")), plan.faults().refusals());
        disk = new SimFs(world.random("disk").nextLong());
        spool = lie == Plan.Lie.DISK ? new LyingFs(disk) : disk;
        smtp = new SimProcess(world, "smtp");
        lka = new SimProcess(world, "lka");
        queue = new SimProcess(world, "queue");
        scheduler = new SimProcess(world, "scheduler");
        mta = new SimProcess(world, "mta");
        mda = new SimProcess(world, "mda");
        control = new SimProcess(world, "control");
        processes = List.of(queue, scheduler, mta, mda, lka, smtp, control);
        smtpQueue = new SimLink<>(world, smtp, SmtpToQueue.CODEC, queue, QueueToSmtp.CODEC);
        lkaQueue = new SimLink<>(world, lka, LkaToQueue.CODEC, queue, QueueToLka.CODEC);
        schedulerQueue =
                new SimLink<>(
                        world, scheduler, SchedulerToQueue.CODEC, queue, QueueToScheduler.CODEC);
        mtaQueue = new SimLink<>(world, mta, MtaToQueue.CODEC, queue, QueueToMta.CODEC);
        mdaQueue = new SimLink<>(world, mda, MdaToQueue.CODEC, queue, QueueToMda.CODEC);
        mtaLka = new SimLink<>(world, mta, MtaToLka.CODEC, lka, LkaToMta.CODEC);
        mdaLka = new SimLink<>(world, mda, MdaToLka.CODEC, lka, LkaToMda.CODEC);
        controlScheduler =
                new SimLink<>(
                        world,
                        control,
                        ControlToScheduler.CODEC,
                        scheduler,
                        SchedulerToControl.CODEC);
        links =
                List.of(
                        smtpQueue,
                        lkaQueue,
                        schedulerQueue,
                        mtaQueue,
                        mdaQueue,
                        mtaLka,
                        mdaLka,
                        controlScheduler);
        lkaModel = new LkaModel(this);
        boot = new Boot(this, lkaModel);
        disasters = new Disasters(this);
        operator = new Operator(this);
        new Watchers(this).watch();
    }

    /// Lets the world run to its end; afterwards the ledger is judged.
    void run() {
        processes.forEach(process -> start(process, Duration.ofMillis(1)));
        new Clients(this).begin();
        disasters.begin();
        operator.begin();
        world.after(plan.trouble(), this::calmDown);
        Duration patience = plan.ttl().multipliedBy(3).plusHours(2);
        if (plan.faults().clock()) {
            patience = patience.plusDays(3);
        }
        long deadline = plan.trouble().plus(patience).toNanos();
        while (world.nanos() < deadline && !(calm && isDrained()) && step()) {
            // until nothing is left to do
        }
        if (!isDrained()) {
            ledger.violation("NOT DRAINED " + (store == null ? "queue is down" : store.left()));
        }
        new Verdicts(ledger).judge();
    }

    private boolean step() {
        try {
            return world.step();
        } catch (SimCrash crash) {
            world.trace(() -> "died in the middle of a file operation");
            disasters.diskStopped();
            return true;
        }
    }

    private boolean isDrained() {
        return store != null && queue.isAlive() && !storeFailed && store.status().messages() == 0;
    }

    private void calmDown() {
        calm = true;
        farEnd.calmDown();
        disasters.end();
        operator.end();
    }

    boolean isCalm() {
        return calm;
    }

    /// Starts a process in a while, as the parent does.
    void start(SimProcess process, Duration delay) {
        world.after(
                delay,
                () -> {
                    if (!process.isAlive()) {
                        process.start();
                        boot.boot(process);
                    }
                });
    }

    /// A process dies and is started again.
    void kill(SimProcess process) {
        if (process.isAlive()) {
            ledger.troubles.died(process.name(), world.nanos());
            process.kill();
            if (process == queue) {
                store = null;
                storeFailed = false;
            }
            start(process, dice.percent(50) ? dice.millis(1, 50) : dice.millis(50, 5000));
        }
    }

    /// The content of a message, as a session would get it streamed; null if it cannot be had.
    byte @Nullable [] content(MsgId msgid) {
        SteppedStore from = store;
        if (from == null || !queue.isAlive()) {
            return null;
        }
        Optional<Content> content = from.content(msgid);
        if (content.isEmpty()) {
            return null;
        }
        List<Bytes> pieces = new ArrayList<>();
        try (Content it = content.get()) {
            Piece piece = it.next();
            while (piece instanceof Piece.Chunk(Bytes bytes)) {
                pieces.add(bytes);
                piece = it.next();
            }
            if (!(piece instanceof Piece.End)) {
                ledger.violation("content of " + msgid + " cannot be read: " + piece);
                return null;
            }
        }
        return Ledger.join(pieces);
    }

    /// A deliverer was refused a recipient.
    void refused(Envelope envelope, Outcome outcome, Rcpt.@Nullable Attempt attempt) {
        Rcpt rcpt = ledger.of(envelope.id());
        if (rcpt != null && outcome == Outcome.PERMFAIL) {
            rcpt.refused = true;
        }
        if (attempt != null) {
            attempt.deferred = outcome == Outcome.TEMPFAIL;
            attempt.reported = world.nanos();
        }
    }

    /// smtp asks lka to expand a recipient; `done` is not called if lka dies.
    void expand(Letter letter, MsgId id, List<MailAddr> dests, Consumer<Boolean> done) {
        int asked = smtp.life();
        lkaModel.expand(
                id,
                letter.sender,
                dests,
                letter.dsn,
                added -> {
                    if (smtp.isAlive(asked)) {
                        done.accept(added);
                    }
                });
    }
}
