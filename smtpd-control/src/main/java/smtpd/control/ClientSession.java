package smtpd.control;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.BodyChunk;
import smtpd.core.imsg.BodyFailed;
import smtpd.core.imsg.ControlToCtl;
import smtpd.core.imsg.ControlToLka;
import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.ControlToQueue;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.ControlToSmtp;
import smtpd.core.imsg.CtlToControl;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.ImsgViolation;
import smtpd.core.imsg.Lines;
import smtpd.core.imsg.LkaToControl;
import smtpd.core.imsg.ManagedService;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.Progress;
import smtpd.core.imsg.QueueToControl;
import smtpd.core.imsg.Stats;
import smtpd.core.imsg.Trace;
import smtpd.core.imsg.Verbose;
import smtpd.core.proc.PeerLost;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// One client of the control socket, on a thread of its own: reads a request, asks who knows, and
/// answers, until the client hangs up, misbehaves or becomes an SMTP session.
final class ClientSession implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ClientSession.class);

    private static final Done OK = new Done(true, "");

    private final ClientLink link;
    private final Desk desk;
    private final Operations operations;
    private final int uid;
    private final boolean operator;

    /// @param link the connection; closed at the end
    /// @param desk what the process knows
    /// @param uid who is at the other end
    /// @param operator whether that one may ask anything
    ClientSession(ClientLink link, Desk desk, int uid, boolean operator) {
        this.link = link;
        this.desk = desk;
        operations = new Operations(desk);
        this.uid = uid;
        this.operator = operator;
    }

    @Override
    public void run() {
        try (link) {
            Optional<ClientLink.Request> request = link.read();
            while (request.isPresent() && serve(request.get())) {
                request = link.read();
            }
        } catch (ImsgViolation | SysException e) {
            LOG.debug("debug: control: client of uid {}: {}", uid, e.getMessage());
        }
    }

    /// Answers one request; false if the connection is not ours any more.
    private boolean serve(ClientLink.Request request) throws SysException {
        if (request.message() instanceof CtlToControl.OpenSession it) {
            return openSession(request.id(), it);
        }
        ControlToCtl end;
        try {
            end =
                    operator
                            ? answer(request.id(), request.message())
                            : new Done(false, "need root privileges");
        } catch (PeerLost e) {
            end = new ControlToCtl.NotNow(String.valueOf(e.getMessage()));
        }
        link.write(request.id(), end);
        return true;
    }

    /// Sends all of an answer but its end, which it returns.
    private ControlToCtl answer(long id, CtlToControl request) throws SysException, PeerLost {
        Listings listings = new Listings(desk, part -> link.write(id, part));
        return switch (request) {
            case CtlToControl.OpenSession _ -> throw new IllegalStateException("served before");
            case CtlToControl.ShowStats _ -> lines(id, desk.ask(it -> it.statLines(desk.now())));
            case CtlToControl.ShowStatsSince it -> past(id, () -> Past.since(desk, it));
            case CtlToControl.ShowHistory it -> past(id, () -> Past.of(desk, it));
            case CtlToControl.ShowStatus _ -> lines(id, desk.ask(ControlAgent::statusLines));
            case CtlToControl.ShowQueue it -> listings.queue(it.which());
            case CtlToControl.ShowEnvelope it -> listings.envelope(it.id());
            case CtlToControl.ShowMessage it -> listings.content(it.id());
            case CtlToControl.ShowMta it -> listings.mta(it.what());
            case CtlToControl.Pause it -> operations.pause(it.service(), it.on());
            case CtlToControl.Suspend it ->
                    operations.count(new ControlToScheduler.Suspend(it.which(), it.on()));
            case CtlToControl.Schedule it ->
                    operations.count(new ControlToScheduler.Schedule(it.which()));
            case CtlToControl.ScheduleDomain it ->
                    operations.count(new ControlToScheduler.ScheduleDomain(it.domain()));
            case CtlToControl.Extend it ->
                    operations.count(
                            new ControlToScheduler.Extend(it.which(), it.domain(), it.by()));
            case CtlToControl.Block it ->
                    operations.mta(new ControlToMta.Block(it.source(), it.domain(), it.on()));
            case CtlToControl.Remove it ->
                    operations.count(new ControlToScheduler.Remove(it.which()));
            case CtlToControl.ResumeRoute it ->
                    operations.mta(new ControlToMta.ResumeRoute(it.route()));
            case CtlToControl.UpdateTable it -> updateTable(it);
            case CtlToControl.UpdatePki _ -> updatePki(id);
            case CtlToControl.Rekey _ -> rekey(id);
            case Verbose it -> {
                desk.post(agent -> agent.verbose(it));
                yield OK;
            }
            case Trace it ->
                    desk.ask(agent -> agent.trace(it))
                            ? OK
                            : new Done(false, "no such trace subsystem");
        };
    }

    private ControlToCtl lines(long id, List<String> lines) throws SysException {
        link.write(id, new Lines(lines));
        return OK;
    }

    /// Lines from a file, which may not be readable now.
    private interface Source {
        List<String> lines() throws IOException;
    }

    private ControlToCtl past(long id, Source source) throws SysException {
        List<String> lines;
        try {
            lines = source.lines();
        } catch (IOException e) {
            return new Done(false, String.valueOf(e.getMessage()));
        }
        return lines(id, lines);
    }

    private ControlToCtl updateTable(CtlToControl.UpdateTable it) throws PeerLost {
        LkaToControl answer =
                desk.peers().lka().call(new ControlToLka.UpdateTable(it.table()), Desk.PATIENCE);
        return switch (answer) {
            case Done done -> done;
            case Stats _ -> unexpected();
        };
    }

    private ControlToCtl updatePki(long id) throws SysException, PeerLost {
        ParentToChild.PkiUpdated done = desk.updatePki();
        link.write(id, new Lines(done.lines()));
        return done.problem().isEmpty() ? OK : new Done(false, done.problem());
    }

    private ControlToCtl rekey(long id) throws SysException, PeerLost {
        QueueToControl answer =
                desk.peers()
                        .queue()
                        .callWhile(
                                new ControlToQueue.Rekey(),
                                Progress.class::isInstance,
                                Desk.PATIENCE);
        return switch (answer) {
            case Done done when done.ok() -> lines(id, List.of(done.text()));
            case Done done -> done;
            case QueueToControl.EnvelopePage _, BodyChunk _, BodyFailed _, Progress _, Stats _ ->
                    unexpected();
        };
    }

    private static Done unexpected() {
        return new Done(false, "unexpected answer");
    }

    /// Hands the connection over to smtp; true if it is still a control connection.
    private boolean openSession(long id, CtlToControl.OpenSession it) throws SysException {
        if (desk.ask(agent -> agent.isPaused(ManagedService.SMTP))) {
            link.write(id, new Done(false, "server disallowed submission request"));
            return true;
        }
        if (!desk.peers().smtp().isAttached()) {
            link.write(id, new ControlToCtl.NotNow("smtp: not running"));
            return true;
        }
        boolean named = desk.uidOf(it.user()).filter(found -> found == uid).isPresent();
        String user = named ? it.user() : Integer.toUnsignedString(uid);
        link.write(id, new ControlToCtl.Opened());
        if (desk.peers().smtp().sendWithFd(new ControlToSmtp.OpenSession(uid, user), link.fd())) {
            link.leave();
        } else {
            link.writeReply("421 4.3.0 Service not available, try again later");
        }
        return false;
    }
}
