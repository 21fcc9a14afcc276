package smtpd.control;

import smtpd.core.imsg.ControlToCtl;
import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.ControlToSmtp;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Lines;
import smtpd.core.imsg.ManagedService;
import smtpd.core.imsg.MtaToControl;
import smtpd.core.imsg.Progress;
import smtpd.core.imsg.QueueSummary;
import smtpd.core.imsg.RouteSummary;
import smtpd.core.imsg.SchedulerToControl;
import smtpd.core.imsg.SmtpToControl;
import smtpd.core.imsg.Stats;
import smtpd.core.mail.DeliveryType;
import smtpd.core.proc.PeerLost;

/// What an operator has done, whichever way it was asked for; waits for whoever does it.
final class Operations {
    private final Desk desk;

    Operations(Desk desk) {
        this.desk = desk;
    }

    /// Stops or resumes a service; refused if that is how it is.
    Done pause(ManagedService service, boolean on) throws PeerLost {
        Done done =
                switch (service) {
                    case MDA -> pauseDelivery(DeliveryType.MDA, on);
                    case MTA -> pauseDelivery(DeliveryType.MTA, on);
                    case SMTP -> pauseSmtp(on);
                };
        // refused means that it was so already
        desk.post(agent -> agent.paused(service, on));
        return done;
    }

    private Done pauseDelivery(DeliveryType type, boolean on) throws PeerLost {
        SchedulerToControl answer =
                desk.peers()
                        .scheduler()
                        .call(new ControlToScheduler.Pause(type, on), Desk.PATIENCE);
        return switch (answer) {
            case Done done -> done;
            case SchedulerToControl.Count _,
                    Progress _,
                    SchedulerToControl.StateList _,
                    QueueSummary _,
                    Stats _ ->
                    unexpected();
        };
    }

    /// smtp takes each as it comes, so that what is remembered decides.
    private Done pauseSmtp(boolean on) throws PeerLost {
        boolean paused = desk.ask(agent -> agent.isPaused(ManagedService.SMTP));
        SmtpToControl answer = desk.peers().smtp().call(new ControlToSmtp.Pause(on), Desk.PATIENCE);
        return switch (answer) {
            case Done done when paused == on ->
                    new Done(false, on ? "smtp is paused already" : "smtp is running already");
            case Done done -> done;
            case Stats _ -> unexpected();
        };
    }

    /// Has the scheduler do something to envelopes, however many, and says to how many. While it
    /// says that it is at it, it is waited for.
    ControlToCtl count(ControlToScheduler request) throws PeerLost {
        SchedulerToControl answer =
                desk.peers()
                        .scheduler()
                        .callWhile(request, Progress.class::isInstance, Desk.PATIENCE);
        return switch (answer) {
            case SchedulerToControl.Count it -> new ControlToCtl.Count(it.count());
            case Done done -> done;
            case Progress _, SchedulerToControl.StateList _, QueueSummary _, Stats _ ->
                    unexpected();
        };
    }

    /// Has the mta do something.
    Done mta(ControlToMta request) throws PeerLost {
        MtaToControl answer = desk.peers().mta().call(request, Desk.PATIENCE);
        return switch (answer) {
            case Done done -> done;
            case Lines _,
                    Stats _,
                    RouteSummary _,
                    MtaToControl.KeepPolicy _,
                    MtaToControl.LoadPolicies _ ->
                    unexpected();
        };
    }

    private static Done unexpected() {
        return new Done(false, "unexpected answer");
    }
}
