package smtpd.e2e.sim;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.queue.store.Content;
import smtpd.queue.store.EnvelopeCursor;
import smtpd.queue.store.Loaded;
import smtpd.queue.store.NewMessage;
import smtpd.queue.store.Stepped;
import smtpd.queue.store.Store;
import smtpd.queue.store.StoreResult;
import smtpd.queue.store.StoreStatus;
import smtpd.queue.store.StoreTx;
import smtpd.testkit.sim.SimProcess;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// A segment store whose committer is an event of the simulation.
final class SteppedStore implements Store {
    private static final Duration SHARE = Duration.ofMillis(5);
    private static final Duration IDLE = Duration.ofSeconds(5);

    private final Store store;
    private final Stepped steps;
    private final SimProcess process;
    private final Dice dice;
    private final Plan.Lie lie;
    private final Duration delay;
    private boolean due;

    SteppedStore(Store store, Stepped steps, SimProcess process, Dice dice, Plan plan) {
        this.store = store;
        this.steps = steps;
        this.process = process;
        this.dice = dice;
        lie = plan.lie();
        delay = plan.diskDelay();
        idle();
    }

    private void idle() {
        process.after(
                IDLE,
                () -> {
                    wake();
                    idle();
                });
    }

    private void wake() {
        if (!due) {
            due = true;
            process.after(dice.between(Duration.ZERO, delay), () -> step(false));
        }
    }

    private void step(boolean flush) {
        due = false;
        switch (steps.step(flush)) {
            case IDLE -> {}
            case MORE -> wake();
            case WAITING -> process.after(SHARE, () -> step(true));
        }
    }

    @Override
    public void append(MsgId message, Bytes chunk, Consumer<StoreResult> done) {
        store.append(message, chunk, done);
        wake();
    }

    @Override
    public void rollback(MsgId message) {
        store.rollback(message);
        wake();
    }

    @Override
    public void commit(StoreTx tx, Consumer<StoreResult> done) {
        if (lie == Plan.Lie.REMOVAL && tx.mayWait()) {
            done.accept(StoreResult.DONE);
            return;
        }
        if (lie == Plan.Lie.EARLY && tx.commit().isPresent()) {
            store.commit(tx, _ -> {});
            done.accept(StoreResult.DONE);
        } else {
            store.commit(tx, done);
        }
        wake();
    }

    @Override
    public NewMessage create(RandomGenerator random) {
        return store.create(random);
    }

    @Override
    public EvpId newEnvelopeId(MsgId message, RandomGenerator random) {
        return store.newEnvelopeId(message, random);
    }

    @Override
    public Loaded load(EvpId id) {
        return store.load(id);
    }

    @Override
    public List<EvpId> envelopes(MsgId message) {
        return store.envelopes(message);
    }

    @Override
    public Optional<Content> content(MsgId message) {
        return store.content(message);
    }

    @Override
    public EnvelopeCursor walk() {
        return store.walk();
    }

    @Override
    public EnvelopeCursor list(Optional<EvpId> from) {
        return store.list(from);
    }

    @Override
    public StoreStatus status() {
        return store.status();
    }

    @Override
    public void close() {
        store.close();
    }

    /// The envelopes that are left, for a complaint.
    List<String> left() {
        java.util.ArrayList<String> left = new java.util.ArrayList<>();
        try (EnvelopeCursor cursor = store.list(Optional.empty())) {
            Optional<Envelope> next = cursor.next();
            while (next.isPresent()) {
                left.add(next.get().id() + " " + next.get().type() + " " + next.get().dest());
                next = cursor.next();
            }
        }
        return left;
    }
}
