package smtpd.filter.dnsbl;

import org.jspecify.annotations.Nullable;

import smtpd.filter.Daemon;
import smtpd.filter.Decision;
import smtpd.filter.DnsAnswer;
import smtpd.filter.DnsType;
import smtpd.filter.Editor;
import smtpd.filter.Event;
import smtpd.filter.Filter;
import smtpd.filter.Phase;
import smtpd.filter.Question;
import smtpd.filter.Report;
import smtpd.filter.Session;
import smtpd.filter.State;
import smtpd.filter.Text;
import smtpd.filter.dnsbl.Entry.Subject;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// The filter: asks as soon as something is known, adds up when it has to decide.
final class Dnsbl {
    /// How much of a list's text goes into a reply, which has a limit of its own.
    static final int TEXT_MAX = 200;

    private static final String FIELD = "X-DNSBL";

    private final Settings settings;
    private final Map<String, Zone> zones = new LinkedHashMap<>();

    /// What is asked about the session, and about the transaction.
    private final State<Asked> ofSession = State.perSession(Asked::new);

    private final State<Asked> ofTransaction = State.perTransaction(Asked::new);

    /// Questions under way, and their answers.
    private static final class Asked {
        private final List<CompletableFuture<List<Find>>> questions = new ArrayList<>();
        private boolean told;

        /// All that was found; waits for the answers.
        private List<Find> finds() {
            List<Find> finds = new ArrayList<>();
            questions.forEach(each -> finds.addAll(each.join()));
            return finds;
        }
    }

    Dnsbl(Settings settings) {
        this.settings = settings;
        Cache cache = new Cache(settings.cache());
        for (Entry entry : settings.entries()) {
            zones.putIfAbsent(
                    key(entry),
                    new Zone(entry.zone(), entry.isOfAddresses(), entry.tested(), cache));
        }
    }

    private static String key(Entry entry) {
        return entry.zone() + (entry.isOfAddresses() ? " addresses" : " names");
    }

    private Zone zone(Entry entry) {
        Zone zone = zones.get(key(entry));
        if (zone == null) {
            throw new IllegalStateException(entry.zone());
        }
        return zone;
    }

    /// The filter, ready to run.
    Filter filter() {
        Filter filter =
                Filter.named("filter-dnsbl")
                        .usesDns()
                        .onFault(Decision.proceed())
                        .onStart(daemon -> zones.values().forEach(each -> test(each, daemon)))
                        .hear(Event.LINK_CONNECT, this::connected);
        if (asksAbout(Subject.HELO)) {
            filter.hear(Event.LINK_IDENTIFY, this::identified);
        }
        if (asksAbout(Subject.SENDER)) {
            filter.hear(Event.TX_MAIL, this::sender);
        }
        if (settings.atConnect()) {
            filter.decide(Phase.CONNECT, this::decideConnect);
        } else {
            filter.decide(Phase.RCPT_TO, this::decideRcpt);
        }
        if (settings.thresholds().header() != Settings.Thresholds.NEVER) {
            filter.edit(session -> new FieldEditor(() -> field(session)));
        }
        return filter;
    }

    private static void test(Zone zone, Daemon daemon) {
        CompletableFuture<Zone.Health> _ = zone.health(daemon);
    }

    private boolean asksAbout(Subject subject) {
        return settings.entries().stream().anyMatch(it -> it.subjects().contains(subject));
    }

    private void connected(Session session, Report.LinkConnect link) {
        InetAddress address = link.address();
        if (address == null || isExempt(address)) {
            return;
        }
        Asked asked = session.state(ofSession);
        String name = Names.ofAddress(address);
        boolean isV6 = address instanceof Inet6Address;
        ask(session, asked, Subject.ADDRESS, "[" + address.getHostAddress() + "]", name, isV6);
        askDomain(session, asked, Subject.RDNS, link.rdns());
    }

    private void identified(Session session, Report.LinkIdentify hello) {
        if (isAsked(session)) {
            askDomain(session, session.state(ofSession), Subject.HELO, hello.name());
        }
    }

    private void sender(Session session, Report.TxMail mail) {
        if (mail.result() == Report.Result.OK && isAsked(session)) {
            String domain = new Question.Address(mail.address()).domain();
            askDomain(session, session.state(ofTransaction), Subject.SENDER, domain);
        }
    }

    /// Whether anything is asked about a session.
    private boolean isAsked(Session session) {
        InetAddress address = session.address();
        return address != null && !isExempt(address) && session.user().isEmpty();
    }

    private boolean isExempt(InetAddress address) {
        return settings.exempt().stream().anyMatch(network -> network.contains(address));
    }

    private void askDomain(Session session, Asked asked, Subject subject, String text) {
        String domain = Names.ofDomain(text);
        if (domain != null) {
            ask(session, asked, subject, domain, domain, false);
        }
    }

    private void ask(
            Session session,
            Asked asked,
            Subject subject,
            String shown,
            String name,
            boolean isV6) {
        for (Entry entry : settings.entries()) {
            if (entry.subjects().contains(subject)) {
                asked.questions.add(
                        zone(entry)
                                .ask(session.daemon(), name, isV6)
                                .thenApply(listing ->
                                        Find.of(entry, shown, name + "." + entry.zone(), listing)));
            }
        }
    }

    private Decision decideConnect(Session session, Question.Connect question) {
        return decide(session);
    }

    private Decision decideRcpt(Session session, Question.Address question) {
        return decide(session);
    }

    private Decision decide(Session session) {
        if (!isAsked(session)) {
            return Decision.proceed();
        }
        List<Find> finds = finds(session);
        tell(session, finds);
        int score = Find.score(finds);
        if (score >= settings.thresholds().reject()) {
            return Decision.reject(refusal(session, finds, score));
        }
        return score >= settings.thresholds().junk() ? Decision.junk() : Decision.proceed();
    }

    private List<Find> finds(Session session) {
        List<Find> finds = new ArrayList<>(session.state(ofSession).finds());
        finds.addAll(session.state(ofTransaction).finds());
        return finds;
    }

    private void tell(Session session, List<Find> finds) {
        Asked transaction = session.state(ofTransaction);
        if (!finds.isEmpty() && !transaction.told) {
            transaction.told = true;
            session.report("dnsbl " + summary(finds, " "));
        }
    }

    private static String summary(List<Find> finds, String between) {
        StringBuilder text = new StringBuilder("score=" + Find.score(finds));
        for (Find find : finds) {
            text.append(between)
                    .append(find.entry().zone())
                    .append('=')
                    .append(String.join(",", find.codes()));
        }
        return text.toString();
    }

    /// What the client reads: the list that weighs most, and its own words about it.
    private static String refusal(Session session, List<Find> finds, int score) {
        Find worst = finds.getFirst();
        for (Find find : finds) {
            worst = find.entry().score() > worst.entry().score() ? find : worst;
        }
        String text =
                "550 5.7.1 %s is listed by %s (score %d)"
                        .formatted(worst.subject(), worst.entry().zone(), score);
        DnsAnswer words = session.daemon().dns(DnsType.TXT, worst.question()).join();
        return words.values().isEmpty()
                ? text
                : text + ": " + Text.printable(words.values().getFirst(), TEXT_MAX);
    }

    /// The field of a message; null if there is nothing to say.
    private @Nullable String field(Session session) {
        if (!isAsked(session)) {
            return null;
        }
        List<Find> finds = finds(session);
        boolean isSaid = !finds.isEmpty() && Find.score(finds) >= settings.thresholds().header();
        return isSaid ? FIELD + ": " + summary(finds, "\n\t") : null;
    }

    /// What the field is.
    @FunctionalInterface
    interface Field {
        /// The field, in several lines if it is long; null for none.
        @Nullable String text();
    }

    /// Puts the field in front of a message, and takes away what a sender may have put there.
    private static final class FieldEditor implements Editor {
        private final Field field;
        private boolean begun;
        private boolean inBody;
        private boolean inForged;

        private FieldEditor(Field field) {
            this.field = field;
        }

        @Override
        public void line(String line, Output out) {
            if (!begun) {
                begun = true;
                String text = field.text();
                if (text != null) {
                    text.lines().forEach(out::line);
                }
            }
            inBody |= line.isEmpty();
            boolean isContinued = line.startsWith(" ") || line.startsWith("\t");
            inForged =
                    !inBody
                            && (isContinued
                                    ? inForged
                                    : line.regionMatches(
                                            true, 0, FIELD + ":", 0, FIELD.length() + 1));
            if (!inForged) {
                out.line(line);
            }
        }
    }
}
