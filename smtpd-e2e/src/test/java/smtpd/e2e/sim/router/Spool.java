package smtpd.e2e.sim.router;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// A queue between scheduler and mta, and what becomes of the envelopes in it.
abstract class Spool {
    final Clockwork clock;
    final Referee referee;
    private final Map<EvpId, Letter> letters = new HashMap<>();
    private final Set<EvpId> inflight = new HashSet<>();
    private int inflightMax;

    /// An envelope and how it fares.
    static final class Letter {
        final Envelope envelope;
        @Nullable Duration delay;
        int attempts;
        boolean expired;

        Letter(Envelope envelope) {
            this.envelope = envelope;
        }
    }

    Spool(Clockwork clock, Referee referee) {
        this.clock = clock;
        this.referee = referee;
    }

    /// A message has come in; its ids are this queue's to give.
    abstract void accept(List<Envelope> message);

    /// What scheduler speaks with.
    abstract Peer<SchedulerToQueue, QueueToScheduler> toScheduler();

    /// What mta speaks with.
    abstract Peer<MtaToQueue, QueueToMta> toMta();

    abstract void connect(Inbox<QueueToScheduler> scheduler, Inbox<QueueToMta> mta);

    Map<EvpId, Letter> letters() {
        return letters;
    }

    int inflightMax() {
        return inflightMax;
    }

    /// An envelope is in the queue for good.
    void accepted(EvpId id, Envelope envelope) {
        letters.put(id, new Letter(envelope));
    }

    void handedOut(List<EvpId> ids) {
        for (EvpId id : ids) {
            if (!inflight.add(id)) {
                referee.complain("handed out twice: " + id);
            }
        }
        inflightMax = Math.max(inflightMax, inflight.size());
    }

    void held(List<EvpId> ids) {
        ids.forEach(inflight::remove);
    }

    void expired(EvpId id) {
        Letter letter = letters.get(id);
        if (letter != null) {
            letter.expired = true;
            end(letter);
        }
    }

    /// An attempt has ended.
    ///
    /// @return false if there was none
    boolean attempted(DeliveryResult result) {
        if (!inflight.remove(result.id())) {
            referee.complain("a result for what was not handed out: " + result);
            return false;
        }
        Letter letter = letters.get(result.id());
        if (letter != null) {
            letter.attempts++;
            switch (result.outcome()) {
                case OK, PERMFAIL, LOOP -> end(letter);
                case TEMPFAIL -> {}
            }
        }
        return true;
    }

    private void end(Letter letter) {
        if (letter.delay != null) {
            referee.complain("ended twice: " + letter.envelope.id());
        }
        letter.delay = Duration.between(letter.envelope.created(), clock.now());
    }

    /// A peer that only listens.
    record OneWay<O, I>(Consumer<O> ear) implements Peer<O, I> {
        @Override
        public void send(O message) {
            ear.accept(message);
        }

        @Override
        public void answer(long request, O message) {
            ear.accept(message);
        }

        @Override
        public void ask(O request, Duration patience, Consumer<Answer<I>> then) {
            throw new AssertionError("nothing is asked");
        }
    }

    /// A peer that is told nothing.
    static <O, I> Peer<O, I> nobody() {
        return new OneWay<>(_ -> {});
    }
}
