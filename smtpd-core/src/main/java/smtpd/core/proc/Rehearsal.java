package smtpd.core.proc;

import org.slf4j.LoggerFactory;

import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.log.Logging;
import smtpd.core.mail.MsgId;
import smtpd.core.sys.FdSocket;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// Walks through what every process does when it starts, so that the archive of pre-loaded classes
/// (AOT cache) that the distribution is built with holds the classes all of them need.
public final class Rehearsal {
    private Rehearsal() {}

    /// Two peers talk over a link, log a line and end.
    public static void main(String[] args) throws Exception {
        Logging.toStandardError();
        Mailbox mailbox = new Mailbox("rehearsal", InstantSource.system());
        CountDownLatch heard = new CountDownLatch(2);
        LinkPeer<QueueToScheduler, SchedulerToQueue> scheduler =
                new LinkPeer<>(
                        Role.SCHEDULER,
                        QueueToScheduler.CODEC,
                        SchedulerToQueue.CODEC,
                        (request, message) -> heard.countDown(),
                        mailbox);
        LinkPeer<SchedulerToQueue, QueueToScheduler> queue =
                new LinkPeer<>(
                        Role.QUEUE,
                        SchedulerToQueue.CODEC,
                        QueueToScheduler.CODEC,
                        (request, message) -> heard.countDown(),
                        mailbox);
        FdSocket[] pair = FdSocket.pair();
        scheduler.attach(Role.QUEUE, pair[0]);
        queue.attach(Role.SCHEDULER, pair[1]);
        scheduler.send(new QueueToScheduler.CommitMessage(new MsgId(1)));
        queue.send(new SchedulerToQueue.Expire(List.of(new MsgId(1).envelope(1))));
        mailbox.after(Duration.ofMillis(1), () -> {});
        Thread.ofVirtual()
                .start(() -> LoggerFactory.getLogger("rehearsal").debug("debug: on"))
                .join();
        heard.await();
        Logging.flush();
        Runtime.getRuntime().exit(0);
    }
}
