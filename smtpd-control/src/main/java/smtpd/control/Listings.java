package smtpd.control;

import smtpd.core.imsg.BodyChunk;
import smtpd.core.imsg.BodyFailed;
import smtpd.core.imsg.ControlToCtl;
import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.ControlToQueue;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Lines;
import smtpd.core.imsg.MtaListing;
import smtpd.core.imsg.MtaToControl;
import smtpd.core.imsg.Progress;
import smtpd.core.imsg.QueueToControl;
import smtpd.core.imsg.RouteSummary;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.SchedulerToControl;
import smtpd.core.imsg.Selection;
import smtpd.core.imsg.Stats;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.ContentReader;
import smtpd.core.proc.PeerLost;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The long answers: page by page as the client takes them, so that nothing but a page is ever held
/// and a queue of any length can be listed. None is a snapshot.
final class Listings {
    /// Envelopes asked for at a time (OpenSMTPD: the same).
    static final int PAGE = 256;

    private static final Done OK = new Done(true, "");

    private final Desk desk;
    private final Out out;

    /// Where the parts of an answer go.
    interface Out {
        /// Sends a part; waits for the client to take it.
        void write(ControlToCtl part) throws SysException;
    }

    Listings(Desk desk, Out out) {
        this.desk = desk;
        this.out = out;
    }

    /// The envelopes of the queue, or those of one message.
    ControlToCtl queue(Selection which) throws SysException, PeerLost {
        int msgid = (int) (which.id() >>> 32);
        long after = which.id();
        while (true) {
            List<Envelope> page = page(after, PAGE);
            List<Envelope> wanted =
                    msgid == 0
                            ? page
                            : page.stream().filter(it -> it.msgid().value() == msgid).toList();
            if (!wanted.isEmpty()) {
                out.write(new Lines(lines(wanted)));
            }
            if (wanted.size() < page.size() || page.isEmpty()) {
                return OK;
            }
            after = page.getLast().id().value();
        }
    }

    private List<String> lines(List<Envelope> envelopes) {
        Map<EvpId, ScheduleState> states = states(envelopes);
        Instant now = desk.now();
        return envelopes.stream().map(it -> QueueLine.of(it, states.get(it.id()), now)).toList();
    }

    /// Where the scheduler has them; nothing while it is down.
    private Map<EvpId, ScheduleState> states(List<Envelope> envelopes) {
        ControlToScheduler.States question =
                new ControlToScheduler.States(envelopes.stream().map(Envelope::id).toList());
        Map<EvpId, ScheduleState> states = new HashMap<>();
        try {
            if (desk.peers().scheduler().call(question, Desk.PATIENCE)
                    instanceof SchedulerToControl.StateList(List<ScheduleState> known)) {
                known.forEach(state -> states.put(state.id(), state));
            }
        } catch (PeerLost _) {
            states.clear();
        }
        return states;
    }

    private List<Envelope> page(long after, int max) throws PeerLost {
        QueueToControl answer =
                desk.peers()
                        .queue()
                        .call(new ControlToQueue.ListEnvelopes(after, max), Desk.PATIENCE);
        return switch (answer) {
            case QueueToControl.EnvelopePage it -> it.envelopes();
            case BodyChunk _, BodyFailed _, Done _, Progress _, Stats _ -> List.of();
        };
    }

    /// One envelope.
    ControlToCtl envelope(EvpId id) throws SysException, PeerLost {
        List<Envelope> page = page(id.value() - 1, 1);
        if (page.isEmpty() || !page.getFirst().id().equals(id)) {
            return new Done(false, "no such envelope");
        }
        out.write(new Lines(EnvelopeText.of(page.getFirst())));
        return OK;
    }

    /// The content of a message.
    ControlToCtl content(MsgId id) throws SysException {
        try (ContentReader content =
                ContentReader.open(
                        desk.peers().queue(),
                        new ControlToQueue.ShowMessage(id),
                        ControlToQueue.BodyCredit::new)) {
            for (Bytes chunk = content.next(); chunk != null; chunk = content.next()) {
                out.write(new ControlToCtl.Content(chunk));
            }
            return OK;
        } catch (SysException e) {
            throw e;
        } catch (IOException e) {
            return new Done(false, String.valueOf(e.getMessage()));
        }
    }

    /// A listing of the mta.
    ControlToCtl mta(MtaListing what) throws SysException, PeerLost {
        MtaToControl answer = desk.peers().mta().call(new ControlToMta.Show(what), Desk.PATIENCE);
        return switch (answer) {
            case Lines lines -> {
                out.write(lines);
                yield OK;
            }
            case Done done -> done;
            case Stats _, RouteSummary _, MtaToControl.KeepPolicy _, MtaToControl.LoadPolicies _ ->
                    new Done(false, "unexpected answer");
        };
    }
}
