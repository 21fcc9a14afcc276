package smtpd.smtp;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.CaToSmtp;
import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ControlToSmtp;
import smtpd.core.imsg.ImsgViolation;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.SmtpToCa;
import smtpd.core.imsg.SmtpToControl;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.proc.Child;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Role;
import smtpd.core.slice.CertificateSet;
import smtpd.core.slice.SmtpSlice;
import smtpd.core.smtp.Received;
import smtpd.core.stat.Statistics;
import smtpd.core.sys.Channels;
import smtpd.core.sys.SysException;
import smtpd.smtp.guard.Memory;
import smtpd.smtp.protocol.MailLog;
import smtpd.smtp.protocol.Services;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.ZoneId;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/// The smtp process.
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger("smtpd.smtp");

    private Main() {}

    /// Started by the parent only.
    public static void main(String[] args) throws IOException, SysException {
        Child child = Child.start(Role.SMTP, args);
        Channels.selfTest();
        Channels.prepareWaiting();
        ControlLink control = new ControlLink();
        LinkPeer<SmtpToControl, ControlToSmtp> controlPeer =
                child.peer(Role.CONTROL, SmtpToControl.CODEC, ControlToSmtp.CODEC, control);
        Statistics statistics = child.statistics(controlPeer::send);
        SmtpSlice slice = SmtpSlice.decode(child.config());
        Doorman doorman =
                new Doorman(
                        slice.smtp().limits(), statistics, System::nanoTime, new SecureRandom());
        LinkPeer<SmtpToCa, CaToSmtp> ca =
                child.peer(Role.CA, SmtpToCa.CODEC, CaToSmtp.CODEC, Main::unasked);
        ListenerTls tls = new ListenerTls(slice, new LinkedSigner(ca), statistics);
        tls.replace(slice.certificates()).forEach(refusal -> LOG.warn("warn: {}", refusal));
        Sessions sessions = new Sessions(services(child, doorman), statistics, doorman, tls);
        SmtpAgent agent = new SmtpAgent(slice, child.mailbox(), sessions);
        control.to(agent.fromControl(controlPeer));
        agent.listen(child.listeners());
        child.onDrain(agent::drain);
        child.onServe(agent::start);
        child.onParent((request, message) -> {
            if (message instanceof ParentToChild.Certificates it) {
                List<String> refusals = tls.replace(CertificateSet.decode(it.set()));
                child.parent().answer(request, new ChildToParent.Renewed(refusals));
            }
        });
        child.serve();
    }

    private static Services services(Child child, Doorman doorman) {
        FilterLink filters = new FilterLink();
        LinkPeer<SmtpToLka, LkaToSmtp> lka =
                child.peer(Role.LKA, SmtpToLka.CODEC, LkaToSmtp.CODEC, filters, Runnable::run);
        filters.over(lka);
        LinkedQueue.Credits credits = new LinkedQueue.Credits();
        LinkPeer<SmtpToQueue, QueueToSmtp> queue =
                child.peer(
                        Role.QUEUE, SmtpToQueue.CODEC, QueueToSmtp.CODEC, credits, Runnable::run);
        ZoneId zone = ZoneId.systemDefault();
        return new Services(
                new LinkedLka(lka),
                new LinkedQueue(queue, credits),
                new MailLog(LOG::info),
                () -> Received.date(child.mailbox().now(), zone),
                ids(),
                new Memory(Runtime.getRuntime().maxMemory()),
                doorman,
                filters);
    }

    /// Ids that are neither 0 nor guessed from the ones before by accident.
    private static LongSupplier ids() {
        SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());
        return () -> {
            synchronized (random) {
                long id = random.nextLong();
                return id == 0 ? 1 : id;
            }
        };
    }

    private static void unasked(long request, Object message) {
        throw new ImsgViolation("an answer nobody asked for");
    }

    /// The inbox of a peer that exists before its agent does.
    private static final class ControlLink implements Inbox<ControlToSmtp> {
        private Inbox<ControlToSmtp> to = Main::unasked;

        void to(Inbox<ControlToSmtp> inbox) {
            to = inbox;
        }

        @Override
        public void receive(long request, ControlToSmtp message) {
            to.receive(request, message);
        }

        @Override
        public void receive(long request, ControlToSmtp message, int fd) {
            to.receive(request, message, fd);
        }
    }
}
