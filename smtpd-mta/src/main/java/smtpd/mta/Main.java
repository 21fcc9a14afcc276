package smtpd.mta;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Limits;
import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.MtaToControl;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.proc.Child;
import smtpd.core.proc.LateInbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Role;
import smtpd.core.slice.MtaSlice;
import smtpd.core.stat.PushedStatistics;

import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;

/// The mta process.
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Child child = Child.start(Role.MTA, args);
        LateInbox<QueueToMta> fromQueue = new LateInbox<>();
        LateInbox<LkaToMta> fromLka = new LateInbox<>();
        LateInbox<ControlToMta> fromControl = new LateInbox<>();
        LinkPeer<MtaToQueue, QueueToMta> queue =
                child.peer(Role.QUEUE, MtaToQueue.CODEC, QueueToMta.CODEC, fromQueue);
        LinkPeer<MtaToLka, LkaToMta> lka =
                child.peer(Role.LKA, MtaToLka.CODEC, LkaToMta.CODEC, fromLka);
        LinkPeer<MtaToControl, ControlToMta> control =
                child.peer(Role.CONTROL, MtaToControl.CODEC, ControlToMta.CODEC, fromControl);
        PushedStatistics statistics = child.statistics(control::send);
        SessionThreads sessions =
                new SessionThreads(
                        child.mailbox(),
                        new QueueContent(queue),
                        HeloNames.from(lka),
                        child.mailbox()::now,
                        statistics);
        MtaAgent agent =
                new MtaAgent(
                        config(MtaSlice.decode(child.config())),
                        new MtaAgent.Peers(queue, lka, control),
                        new MtaAgent.World(
                                child.mailbox(), statistics, sessions, new SecureRandom()));
        fromQueue.setOwner(agent.fromQueue());
        fromLka.setOwner(agent.fromLka());
        fromControl.setOwner(agent.fromControl());
        child.serve();
    }

    private static MtaConfig config(MtaSlice slice) {
        Map<String, Dispatcher.Remote> relays = new LinkedHashMap<>();
        slice.dispatchers().forEach(relay -> relays.put(relay.name(), relay));
        return new MtaConfig(
                slice.hostname(),
                relays,
                new Limits.Mta(slice.defaults(), slice.domains(), slice.maxDeferred()),
                slice.peers());
    }
}
