package smtpd.mda;

import org.slf4j.LoggerFactory;

import smtpd.core.imsg.ControlToMda;
import smtpd.core.imsg.LkaToMda;
import smtpd.core.imsg.MdaToControl;
import smtpd.core.imsg.MdaToLka;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.imsg.Trace;
import smtpd.core.imsg.Verbose;
import smtpd.core.log.Logging;
import smtpd.core.log.Traces;
import smtpd.core.proc.Child;
import smtpd.core.proc.LateInbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Role;
import smtpd.core.slice.MdaSlice;
import smtpd.core.sys.Credentials;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The mda process.
public final class Main {
    /// How long deliveries may go on when the daemon stops; what has not ended by then is tried
    /// again at the next start.
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private Main() {}

    public static void main(String[] args) {
        Child child = Child.start(Role.MDA, args);
        MdaSlice slice = MdaSlice.decode(child.config());
        LateInbox<QueueToMda> inbox = new LateInbox<>();
        LinkPeer<MdaToQueue, QueueToMda> queue =
                child.peer(Role.QUEUE, MdaToQueue.CODEC, QueueToMda.CODEC, inbox);
        LinkPeer<MdaToLka, LkaToMda> lka =
                child.peer(Role.LKA, MdaToLka.CODEC, LkaToMda.CODEC, (request, message) -> {});
        LinkPeer<MdaToControl, ControlToMda> control =
                child.peer(
                        Role.CONTROL,
                        MdaToControl.CODEC,
                        ControlToMda.CODEC,
                        (request, message) -> fromControl(message));
        MdaAgent agent =
                new MdaAgent(
                        slice.dispatchers(),
                        slice.limits(),
                        new MdaAgent.Ports(
                                queue,
                                lka,
                                deliveries(child, slice, queue),
                                child.mailbox(),
                                child.statistics(control::send),
                                LoggerFactory.getLogger(MdaAgent.class)::info));
        inbox.setOwner(agent.fromQueue());
        child.onDrain(() -> drain(child, agent));
        child.serve();
    }

    private static Deliveries deliveries(
            Child child, MdaSlice slice, LinkPeer<MdaToQueue, QueueToMda> queue) {
        ParentCommands commands = new ParentCommands(child.parent());
        child.onParent(commands);
        return new LocalDeliveries(
                slice,
                new LocalDeliveries.Ports(
                        new QueueContents(queue),
                        slice.switchUsers() ? new AsRoot() : new AsCaller(Credentials.uid()),
                        commands,
                        new HostsResolver(),
                        InstantSource.system(),
                        child.mailbox()),
                new ConfFormats(slice.subAddrDelim()),
                new SecureRandom());
    }

    private static void fromControl(ControlToMda message) {
        switch (message) {
            case Verbose it -> Logging.verbose(it.on());
            case Trace it -> Traces.set(it.subsystem(), it.on());
        }
    }

    /// Waits until what is under way has ended and the queue has been told.
    private static void drain(Child child, MdaAgent agent) {
        CountDownLatch idle = new CountDownLatch(1);
        // The results go out at the end of the mailbox's turn: the next one is after them.
        child.mailbox().post(() -> agent.drain(() -> child.mailbox().post(idle::countDown)));
        try {
            if (!idle.await(DRAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                LoggerFactory.getLogger(Main.class).info("info: deliveries cut short");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
