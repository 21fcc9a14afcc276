package smtpd.scheduler;

import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.SchedulerToControl;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.mail.DeliveryType;
import smtpd.core.proc.Child;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Role;
import smtpd.core.slice.SchedulerSlice;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// The scheduler process.
public final class Main {
    private Main() {}

    /// Runs until the parent wants the end.
    public static void main(String[] args) {
        Child child = Child.start(Role.SCHEDULER, args);
        SchedulerSlice slice = SchedulerSlice.decode(child.config());
        SchedulerAgent agent =
                new SchedulerAgent(
                        slice.limits(),
                        paused(slice),
                        new RamRunQueue(slice.limits(), new SplittableRandom()),
                        child.mailbox());
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

    private static List<DeliveryType> paused(SchedulerSlice slice) {
        return Stream.of(DeliveryType.MDA, DeliveryType.MTA)
                .filter(type -> slice.paused().contains(type.word()))
                .toList();
    }
}
