package smtpd.e2e.sim.router;

import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.MxHost;
import smtpd.core.proc.Peer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Servers, domains and DNS: what lka would tell.
final class Internet implements Peer<MtaToLka, LkaToMta> {
    private final Clockwork clock;
    private final RandomGenerator random;
    private final Plan plan;
    final Map<String, FarHost> hosts = new LinkedHashMap<>();
    final List<String> goodDomains = new ArrayList<>();
    final List<String> badDomains = new ArrayList<>();
    private final Map<String, List<MxHost>> exchangers = new LinkedHashMap<>();
    private int sourceTurn;

    Internet(Clockwork clock, RandomGenerator random, Plan plan) {
        this.clock = clock;
        this.random = random;
        this.plan = plan;
        List<FarHost> good = new ArrayList<>();
        List<FarHost> bad = new ArrayList<>();
        for (int i = 0; i < plan.hosts(); i++) {
            good.add(host("192.0.2." + (i + 1), FarHost.Manner.GOOD, false));
        }
        for (Plan.Bad one : plan.bad()) {
            bad.add(host("198.51.100." + (bad.size() + 1), one.manner(), one.forEver()));
        }
        for (int i = 0; i < plan.domains(); i++) {
            String name = "good" + i + ".example";
            goodDomains.add(name);
            exchangers.put(name, exchangers(name, good, good));
        }
        for (int i = 0; i < plan.badDomains(); i++) {
            String name = "bad" + i + ".example";
            badDomains.add(name);
            exchangers.put(
                    name,
                    exchangers(name, bad, plan.fallback() && random.nextBoolean() ? good : bad));
        }
        clock.after(plan.mended(), () -> hosts.values().forEach(FarHost::mend));
    }

    private FarHost host(String address, FarHost.Manner manner, boolean forEver) {
        FarHost host = new FarHost(address, manner, forEver);
        hosts.put(address, host);
        return host;
    }

    private List<MxHost> exchangers(String domain, List<FarHost> first, List<FarHost> others) {
        List<MxHost> found = new ArrayList<>();
        found.add(exchanger(domain, 10, first));
        for (int i = random.nextInt(3); i > 0; i--) {
            found.add(exchanger(domain, 10 * random.nextInt(1, 4), others));
        }
        return found;
    }

    private MxHost exchanger(String domain, int preference, List<FarHost> among) {
        FarHost host = among.get(random.nextInt(among.size()));
        String address = host.address;
        if (plan.identity() == Plan.Identity.DOMAIN) {
            address = "10.0." + exchangers.size() + "." + hosts.size() % 250;
            hosts.put(address, host);
        }
        return new MxHost("mx." + domain, preference, List.of(address));
    }

    @Override
    public void send(MtaToLka message) {}

    @Override
    public void answer(long request, MtaToLka message) {}

    @Override
    public void ask(MtaToLka request, Duration patience, Consumer<Answer<LkaToMta>> then) {
        LkaToMta answer =
                switch (request) {
                    case MtaToLka.LookupMx mx -> mx(mx.domain());
                    case MtaToLka.LookupTable _ -> source();
                    case MtaToLka.LookupName _ -> new LkaToMta.NameResult("ptr.example");
                    case MtaToLka other -> throw new AssertionError("not asked here: " + other);
                };
        clock.afterMillis(random.nextInt(1, 20), () -> then.accept(new Answer.Got<>(answer)));
    }

    private LkaToMta mx(String domain) {
        boolean trouble = domain.startsWith("bad") && random.nextInt(10) == 0;
        List<MxHost> found = exchangers.get(domain);
        if (found == null) {
            return new LkaToMta.MxResult(DnsAnswer.NO_DOMAIN, List.of());
        }
        return trouble
                ? new LkaToMta.MxResult(DnsAnswer.TEMPFAIL, List.of())
                : new LkaToMta.MxResult(DnsAnswer.FOUND, found);
    }

    private LkaToMta source() {
        int turn = sourceTurn++ % plan.sources();
        return new LkaToMta.TableResult(LookupAnswer.FOUND, "203.0.113." + (1 + turn));
    }
}
