package smtpd.queue;

import smtpd.core.imsg.ControlToQueue;
import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.imsg.Trace;
import smtpd.core.imsg.Verbose;
import smtpd.core.log.Logging;
import smtpd.core.log.Traces;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.EvpId;
import smtpd.core.proc.Inbox;
import smtpd.queue.Departures.Rules;

import java.util.List;

/// The queue's mind: one inbox per peer, each an exhaustive switch whose arms are one call.
public final class QueueAgent {
    private final QueuePeers peers;
    private final Reception reception;
    private final Inflight inflight = new Inflight();
    private final Results results;
    private final Reports reports;
    private final Departures departures;
    private final Loader loader;

    /// @param desk the store, time and chance
    /// @param peers everyone it speaks with
    /// @param aftermath what follows an attempt
    /// @param actions what is configured
    /// @param hostname this server's name
    public QueueAgent(
            Desk desk, QueuePeers peers, Aftermath aftermath, Actions actions, String hostname) {
        this.peers = peers;
        reception = new Reception(desk, peers, actions);
        results = new Results(desk, peers, inflight, aftermath, actions);
        ReportWriter writer = new ReportWriter(desk.store(), new BounceComposer(hostname));
        Reports.Manner manner = new Reports.Manner(writer, new ReportRate(aftermath.bounceLimit()));
        reports = new Reports(desk, peers, reception, results, inflight, manner);
        departures =
                new Departures(
                        desk, peers, inflight, results, reports, new Rules(aftermath, actions));
        loader = new Loader(desk, peers.scheduler(), inflight, actions);
    }

    /// smtp: messages on their way in.
    public Inbox<SmtpToQueue> fromSmtp() {
        return new Inbox<>() {
            @Override
            public void receive(long request, SmtpToQueue message) {
                switch (message) {
                    case SmtpToQueue.CreateMessage _ -> reception.create(request);
                    case SmtpToQueue.BodyPart it -> reception.body(it);
                    case SmtpToQueue.Commit it -> reception.commit(request, it);
                    case SmtpToQueue.Rollback it -> reception.rollback(it.msgid());
                }
            }

            @Override
            public void detached() {
                reception.smtpLost(reports.underway());
            }
        };
    }

    /// lka: the envelopes of messages on their way in.
    public Inbox<LkaToQueue> fromLka() {
        return (request, message) -> {
            switch (message) {
                case LkaToQueue.AddEnvelopes it -> reception.addEnvelopes(request, it);
                case LkaToQueue.ReportExpanded _, LkaToQueue.ReportRefused _ -> unasked();
            }
        };
    }

    private static void unasked() {
        throw new smtpd.core.imsg.ImsgViolation("an answer to nothing");
    }

    /// The scheduler: what is to be done with envelopes.
    public Inbox<SchedulerToQueue> fromScheduler() {
        return new Inbox<>() {
            @Override
            public void receive(long request, SchedulerToQueue message) {
                switch (message) {
                    case SchedulerToQueue.Deliver it -> departures.deliver(it);
                    case SchedulerToQueue.Expire it -> departures.expire(it);
                    case SchedulerToQueue.Remove it -> departures.remove(it);
                    case SchedulerToQueue.Suspend it -> departures.suspend(it);
                    case SchedulerToQueue.Extend it -> departures.extend(it);
                    case SchedulerToQueue.Resubmit it -> resubmit(it.ordered());
                    case SchedulerToQueue.More _ -> loader.more();
                }
            }
        };
    }

    private void resubmit(boolean ordered) {
        inflight.schedulerLost();
        reception.resubmit();
        loader.start(ordered);
    }

    /// mta: how its attempts ended.
    public Inbox<MtaToQueue> fromMta() {
        return new Inbox<>() {
            @Override
            public void receive(long request, MtaToQueue message) {
                switch (message) {
                    case MtaToQueue.Results it -> reported(DeliveryType.MTA, it.results());
                    case MtaToQueue.Hold it -> held(DeliveryType.MTA, it.envelopes(), it.holdq());
                    case MtaToQueue.Release it -> release(DeliveryType.MTA, it.holdq(), it.count());
                    case MtaToQueue.Schedule it ->
                            it.envelopes()
                                    .forEach(id ->
                                            peers.scheduler()
                                                    .send(new QueueToScheduler.Schedule(id)));
                    case MtaToQueue.OpenBody _, MtaToQueue.BodyCredit _ -> unasked();
                }
            }

            @Override
            public void attached() {
                departures.delivererAttached(DeliveryType.MTA);
            }

            @Override
            public void detached() {
                departures.delivererLost(DeliveryType.MTA);
            }
        };
    }

    /// mda: how its attempts ended.
    public Inbox<MdaToQueue> fromMda() {
        return new Inbox<>() {
            @Override
            public void receive(long request, MdaToQueue message) {
                switch (message) {
                    case MdaToQueue.Results it -> reported(DeliveryType.MDA, it.results());
                    case MdaToQueue.Hold it -> held(DeliveryType.MDA, it.envelopes(), it.holdq());
                    case MdaToQueue.Release it -> release(DeliveryType.MDA, it.holdq(), it.count());
                    case MdaToQueue.OpenBody _, MdaToQueue.BodyCredit _ -> unasked();
                }
            }

            @Override
            public void attached() {
                departures.delivererAttached(DeliveryType.MDA);
            }

            @Override
            public void detached() {
                departures.delivererLost(DeliveryType.MDA);
            }
        };
    }

    private void reported(DeliveryType type, List<DeliveryResult> ended) {
        results.reported(type, ended);
        departures.reported(type);
    }

    private void held(DeliveryType type, List<EvpId> envelopes, long holdq) {
        results.held(type, envelopes, holdq);
        departures.reported(type);
    }

    private void release(DeliveryType type, long holdq, int count) {
        peers.scheduler().send(new QueueToScheduler.Release(type, holdq, count));
    }

    /// control: switches; its listings are answered without the agent.
    public Inbox<ControlToQueue> fromControl() {
        return (request, message) -> {
            switch (message) {
                case Verbose it -> Logging.verbose(it.on());
                case Trace it -> Traces.set(it.subsystem(), it.on());
                case ControlToQueue.Rekey _,
                        ControlToQueue.ListEnvelopes _,
                        ControlToQueue.ShowMessage _,
                        ControlToQueue.BodyCredit _ ->
                        unasked();
            }
        };
    }
}
