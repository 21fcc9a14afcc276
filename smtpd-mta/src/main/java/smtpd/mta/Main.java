package smtpd.mta;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Limits;
import smtpd.core.imsg.CaToMta;
import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.MtaToCa;
import smtpd.core.imsg.MtaToControl;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.proc.Child;
import smtpd.core.proc.LateInbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Role;
import smtpd.core.slice.CertificateSet;
import smtpd.core.slice.MtaSlice;
import smtpd.core.stat.PushedStatistics;
import smtpd.core.sys.Channels;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The mta process.
public final class Main {
    /// How long lka may take over one question.
    private static final Duration LKA_PATIENCE = Duration.ofSeconds(30);

    private Main() {}

    public static void main(String[] args) throws IOException {
        Child child = Child.start(Role.MTA, args);
        Channels.prepareWaiting();
        LateInbox<QueueToMta> fromQueue = new LateInbox<>();
        LateInbox<LkaToMta> fromLka = new LateInbox<>();
        LateInbox<ControlToMta> fromControl = new LateInbox<>();
        LinkPeer<MtaToQueue, QueueToMta> queue =
                child.peer(Role.QUEUE, MtaToQueue.CODEC, QueueToMta.CODEC, fromQueue);
        LinkPeer<MtaToLka, LkaToMta> lka =
                child.peer(Role.LKA, MtaToLka.CODEC, LkaToMta.CODEC, fromLka);
        LinkPeer<MtaToControl, ControlToMta> control =
                child.peer(Role.CONTROL, MtaToControl.CODEC, ControlToMta.CODEC, fromControl);
        LinkPeer<MtaToCa, CaToMta> ca =
                child.peer(Role.CA, MtaToCa.CODEC, CaToMta.CODEC, (request, message) -> {});
        PushedStatistics statistics = child.statistics(control::send);
        MtaSlice slice = MtaSlice.decode(child.config());
        Trust trust = new Trust(slice.certificates(), CaSigner.of(ca));
        StsFetcher fetcher =
                new StsFetcher(
                        question -> lka.call(question, LKA_PATIENCE),
                        trust,
                        slice.peers().stsPort(),
                        slice.peers().stsCa(),
                        child.mailbox());
        SessionThreads sessions =
                new SessionThreads(
                        child.mailbox(),
                        new QueueContent(queue),
                        new MtaSession.Desk(
                                HeloNames.from(lka), Secrets.from(lka), trust, Filters.from(lka)),
                        child.mailbox()::now,
                        statistics);
        MtaAgent agent =
                new MtaAgent(
                        config(slice),
                        new MtaAgent.Peers(queue, lka, control),
                        new MtaAgent.World(
                                child.mailbox(),
                                statistics,
                                sessions,
                                new SecureRandom(),
                                fetcher));
        fromQueue.setOwner(agent.fromQueue());
        fromLka.setOwner(agent.fromLka());
        fromControl.setOwner(agent.fromControl());
        child.onParent((request, message) -> {
            if (message instanceof ParentToChild.Certificates it) {
                trust.renew(CertificateSet.decode(it.set()));
                child.parent().answer(request, new ChildToParent.Renewed(List.of()));
            }
        });
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
