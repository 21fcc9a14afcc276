package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Limits;
import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.Lines;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.MtaListing;
import smtpd.core.imsg.MtaToControl;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.MxHost;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.Peer.Answer;
import smtpd.core.stat.Statistics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// An agent among peers that do as a test says.
abstract class MtaAgentFixture {
    final FakeAgenda agenda = new FakeAgenda();
    final FakePeer<MtaToQueue, QueueToMta> queue = new FakePeer<>(agenda);
    final FakePeer<MtaToLka, LkaToMta> lka = new FakePeer<>(agenda);
    final FakePeer<MtaToControl, ControlToMta> control = new FakePeer<>(agenda);
    final FakeSessions sessions = new FakeSessions(agenda);
    final Map<String, LkaToMta> dns = new LinkedHashMap<>();
    int msgids;

    MtaAgent agent(Dispatcher.Remote... actions) {
        return agent(Limits.Mta.DEFAULT, actions);
    }

    MtaAgent agent(Limits.Mta limits, Dispatcher.Remote... actions) {
        lka.answers = this::answer;
        Map<String, Dispatcher.Remote> relays = new LinkedHashMap<>();
        for (Dispatcher.Remote action : actions) {
            relays.put(action.name(), action);
        }
        return new MtaAgent(
                new MtaConfig("mx.example.org", relays, limits),
                new MtaAgent.Peers(queue, lka, control),
                new MtaAgent.World(agenda, Statistics.NONE, sessions, new SplittableRandom(1)));
    }

    Answer<LkaToMta> answer(MtaToLka question) {
        LkaToMta found =
                switch (question) {
                    case MtaToLka.LookupMx mx -> dns.get(mx.domain());
                    case MtaToLka.LookupHost host -> dns.get(host.name());
                    case MtaToLka.LookupName _ -> new LkaToMta.NameResult("ptr.test");
                    case MtaToLka.LookupTable table -> dns.get(table.table() + table.key());
                    case MtaToLka.RewriteSender it -> dns.get("srs " + it.sender());
                    case MtaToLka.ToFilters _ -> null;
                };
        return found == null ? new Answer.Lost<>() : new Answer.Got<>(found);
    }

    static LkaToMta mx(MxHost... hosts) {
        return new LkaToMta.MxResult(DnsAnswer.FOUND, List.of(hosts));
    }

    static MxHost host(int preference, String... addresses) {
        return new MxHost("mx" + preference + ".test", preference, List.of(addresses));
    }

    void transfer(MtaAgent agent, String... rcpts) {
        int msgid = ++msgids;
        List<Envelope> envelopes = new ArrayList<>();
        for (String rcpt : rcpts) {
            envelopes.add(Samples.envelope(msgid, envelopes.size() + 1, rcpt));
        }
        agent.fromQueue().receive(0, new QueueToMta.Transfer(new MsgId(msgid), 100, envelopes));
    }

    List<DeliveryResult> results() {
        return queue.sent.stream()
                .filter(MtaToQueue.Results.class::isInstance)
                .flatMap(it -> ((MtaToQueue.Results) it).results().stream())
                .toList();
    }

    DeliveryResult only() {
        List<DeliveryResult> all = results();
        assertEquals(1, all.size(), all.toString());
        return all.getFirst();
    }

    void pass(long seconds) {
        agenda.pass(Duration.ofSeconds(seconds));
    }

    List<String> show(MtaAgent agent, MtaListing what) {
        agent.fromControl().receive(1, new ControlToMta.Show(what));
        return ((Lines) control.sent.getLast()).lines();
    }
}
