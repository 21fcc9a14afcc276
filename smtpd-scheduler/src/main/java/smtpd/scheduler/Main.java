package smtpd.scheduler;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.SchedulerToControl;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.mail.DeliveryType;
import smtpd.core.proc.Child;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Role;
import smtpd.core.slice.SchedulerSlice;
import smtpd.core.sys.Permission;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The scheduler process.
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    /// How long the end of the process waits for the index to be closed.
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private Main() {}

    /// Runs until the parent wants the end.
    public static void main(String[] args) throws IOException {
        Child child = Child.start(Role.SCHEDULER, args);
        SchedulerSlice slice = SchedulerSlice.decode(child.config());
        SchedulerAgent agent =
                new SchedulerAgent(
                        slice.limits(), paused(slice), runQueue(child, slice), child.mailbox());
        LinkPeer<SchedulerToQueue, QueueToScheduler> queue =
                child.peer(
                        Role.QUEUE, SchedulerToQueue.CODEC, QueueToScheduler.CODEC, agent.queue());
        LinkPeer<SchedulerToControl, ControlToScheduler> control =
                child.peer(
                        Role.CONTROL,
                        SchedulerToControl.CODEC,
                        ControlToScheduler.CODEC,
                        agent.control());
        agent.connect(queue, control, child.statistics(control::send));
        child.serve();
    }

    private static RunQueue runQueue(Child child, SchedulerSlice slice) throws IOException {
        if (slice.directory().isEmpty()) {
            return new RamRunQueue(slice.limits(), new SplittableRandom());
        }
        child.permit(Permission.WPATH);
        FallbackRunQueue runQueue =
                FallbackRunQueue.open(
                        slice.limits(),
                        new SplittableRandom(),
                        Path.of(slice.directory()),
                        ShelfNames.of(slice.indexKey()),
                        warning -> LOG.warn("warn: scheduler: {}", warning));
        child.onDrain(() -> closeBy(child.mailbox(), runQueue));
        return runQueue;
    }

    /// Closes it in the agent's thread, which has it; not for long, as nothing is lost without.
    private static void closeBy(Executor agent, FallbackRunQueue runQueue) {
        CountDownLatch closed = new CountDownLatch(1);
        agent.execute(() -> {
            runQueue.close();
            closed.countDown();
        });
        try {
            if (!closed.await(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("debug: scheduler: index not closed in time");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<DeliveryType> paused(SchedulerSlice slice) {
        return Stream.of(DeliveryType.MDA, DeliveryType.MTA)
                .filter(type -> slice.paused().contains(type.word()))
                .toList();
    }
}
