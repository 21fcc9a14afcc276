package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.queue.store.MailStore;
import smtpd.queue.store.RamStore;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The load of a fresh scheduler.
class LoaderTest {
    private static final int MAILS = 3 * Loader.STEP + 10;

    private final QueueRig rig = new QueueRig(MailStore.plain(new RamStore(64 << 20)));
    private final Set<EvpId> told = new TreeSet<>();
    private boolean loaded;

    /// Takes what the scheduler was told; returns how many envelopes.
    private int take() {
        int count = 0;
        for (QueueToScheduler message : rig.scheduler.take()) {
            switch (message) {
                case QueueToScheduler.Submit it -> {
                    told.add(it.entry().id());
                    count++;
                }
                case QueueToScheduler.Found it -> {
                    it.entries().forEach(entry -> told.add(entry.id()));
                    count += it.entries().size();
                }
                case QueueToScheduler.Loaded _ -> loaded = true;
                case QueueToScheduler.CommitMessage _ -> {}
                case QueueToScheduler.RollbackMessage _,
                        QueueToScheduler.Delivered _,
                        QueueToScheduler.Deferred _,
                        QueueToScheduler.Returned _,
                        QueueToScheduler.Hold _,
                        QueueToScheduler.Release _,
                        QueueToScheduler.Schedule _,
                        QueueToScheduler.Remembered _ ->
                        throw new AssertionError(message);
            }
        }
        return count;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "F-73 a load waits for the scheduler with each step; new mail does not wait for it")
    void loadGoesStepByStep(boolean ordered) {
        List<EvpId> all = new ArrayList<>();
        for (int i = 0; i < MAILS; i++) {
            all.addAll(rig.accept("a@example.org", Dsn.NONE, "b@example.net"));
        }
        rig.agent.fromScheduler().receive(0, new SchedulerToQueue.Resubmit(ordered));
        rig.settle();
        assertEquals(Loader.STEP, take(), "one step is under way");
        MsgId fresh = rig.begin();
        all.addAll(
                rig.add(fresh, QueueRig.envelope(fresh, "a@b.example", "c@d.example", Dsn.NONE)));
        rig.body(fresh, QueueRig.CONTENT);
        rig.commit(fresh, QueueRig.CONTENT);
        rig.settle();
        assertEquals(1, rig.smtp.take(QueueToSmtp.Committed.class).size(), "taken meanwhile");
        take();
        assertTrue(!loaded, "the load goes on");
        for (int steps = 0; !loaded; steps++) {
            assertTrue(steps <= MAILS / Loader.STEP + 1, "the load ends");
            rig.agent.fromScheduler().receive(0, new SchedulerToQueue.More());
            rig.settle();
            assertTrue(take() <= Loader.STEP);
        }
        assertEquals(new TreeSet<>(all), told);
    }
}
