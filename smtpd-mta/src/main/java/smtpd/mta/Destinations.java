package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Dispatcher;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.TableService;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.proc.Agenda;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Tells for each envelope which relay it belongs to: by its action, by the domain it goes to, and
/// by the tables of relay hosts.
final class Destinations {
    /// For so long the same entry of a list of relay hosts is used, so that a busy relay does not
    /// ask lka about every message; each turn takes the next entry.
    static final Duration TURN = Duration.ofSeconds(1);

    /// Questions to tables about different domains that may wait at a time.
    static final int LOOKUPS_MAX = 10_000;

    /// Relay hosts of a list that are tried for one message.
    static final int HOSTS_MAX = 32;

    private final MtaConfig config;
    private final Resolver resolver;
    private final Agenda agenda;
    private final Deliveries deliveries;
    private final Map<Question, Lookup> lookups = new LinkedHashMap<>();

    /// The relay hosts that each list has told.
    private final Map<Question, Map<String, RelayKey.NextHop>> rings = new LinkedHashMap<>();

    /// How many queues there have been: what one of them waited for is not done for the next.
    private int queues;

    /// Where tasks go from here.
    interface Deliveries {
        /// A task has found its relay.
        void add(Dispatcher.Remote action, RelayKey.NextHop hop, Task task);

        /// A task has none.
        void fail(Task task, Failure failure);

        /// What was added may go: tasks that came together have been added together.
        void go();
    }

    /// What tells messages apart that cannot share a transaction.
    ///
    /// @param forwarded whether the recipient is another than the one the message was sent to
    private record Group(String action, String domain, MailAddr sender, boolean forwarded) {}

    /// What a table of relay hosts is asked.
    private record Question(Dispatcher.Remote action, String table, String key) {}

    /// A question that is being asked, or was answered a moment ago.
    private static final class Lookup {
        private final List<Task> waiting = new ArrayList<>();
        private RelayKey.@Nullable NextHop answer;
        private Instant until = Instant.MAX;
    }

    Destinations(MtaConfig config, Resolver resolver, Agenda agenda, Deliveries deliveries) {
        this.config = config;
        this.resolver = resolver;
        this.agenda = agenda;
        this.deliveries = deliveries;
    }

    /// Takes over what the queue handed us.
    void take(QueueToMta.Transfer transfer) {
        Map<Group, List<Envelope>> groups = new LinkedHashMap<>();
        for (Envelope envelope : transfer.envelopes()) {
            Group group =
                    new Group(
                            envelope.target().dispatcher(),
                            domain(envelope),
                            envelope.sender(),
                            !envelope.rcpt().sameMailbox(envelope.dest()));
            groups.computeIfAbsent(group, _ -> new ArrayList<>()).add(envelope);
        }
        groups.forEach((group, envelopes) -> take(transfer, group, envelopes));
        deliveries.go();
    }

    /// Where an action relays everything to one host, domains do not tell messages apart.
    private String domain(Envelope envelope) {
        Dispatcher.Remote action = config.relays().get(envelope.target().dispatcher());
        boolean oneHost = action != null && action.target() instanceof Dispatcher.Target.Host;
        return oneHost ? "" : envelope.dest().domainKey();
    }

    private void take(QueueToMta.Transfer transfer, Group group, List<Envelope> envelopes) {
        Dispatcher.Remote action = config.relays().get(group.action());
        MailAddr sender =
                action == null
                        ? group.sender()
                        : sender(group.sender(), action.identity().mailFrom());
        Task task = new Task(transfer.msgid(), transfer.size(), sender, envelopes, 0);
        if (action == null) {
            deliveries.fail(task, Failure.NO_ACTION);
        } else if (isRewritten(action, group)) {
            rewrite(action, group, task);
        } else {
            send(action, group, task);
        }
    }

    /// `srs` is for forwarded mail of somebody; a sender under `mail-from` needs no more.
    private static boolean isRewritten(Dispatcher.Remote action, Group group) {
        Dispatcher.Identity identity = action.identity();
        return identity.srs()
                && identity.mailFrom().isEmpty()
                && group.forwarded()
                && !group.sender().isNull();
    }

    private void rewrite(Dispatcher.Remote action, Group group, Task task) {
        int queue = queues;
        resolver.rewrite(
                group.sender(),
                sender -> {
                    if (queue != queues) {
                        return;
                    }
                    sender.ifPresentOrElse(
                            it -> send(action, group, task.from(it)),
                            () -> deliveries.fail(task, Failure.NO_SENDER));
                    deliveries.go();
                });
    }

    private void send(Dispatcher.Remote action, Group group, Task task) {
        switch (action.target()) {
            case Dispatcher.Target.Mx _ -> deliveries.add(action, mx(action, group), task);
            case Dispatcher.Target.Backup _ -> deliveries.add(action, mx(action, group), task);
            case Dispatcher.Target.Host host -> ask(new Question(action, host.hosts(), ""), task);
            case Dispatcher.Target.DomainMap map ->
                    ask(new Question(action, map.map(), group.domain()), task);
        }
    }

    private static RelayKey.NextHop mx(Dispatcher.Remote action, Group group) {
        return RelayKey.NextHop.mx(group.domain(), withPolicy(Scheme.SMTP, action).orElseThrow());
    }

    /// The schema under the action's `tls` option; empty where they exclude each other.
    private static Optional<Scheme> withPolicy(Scheme scheme, Dispatcher.Remote action) {
        return switch (action.tls().mode()) {
            case OPPORTUNISTIC -> Optional.of(scheme);
            case VERIFY -> scheme.demanded(true);
            case NO_VERIFY -> scheme.demanded(false);
        };
    }

    /// `mail-from`: replaces the sender, or with a leading `@` its domain; never a null sender.
    static MailAddr sender(MailAddr sender, String mailFrom) {
        if (sender.isNull() || mailFrom.isEmpty()) {
            return sender;
        }
        return mailFrom.startsWith("@")
                ? new MailAddr(sender.user(), mailFrom.substring(1))
                : MailAddr.of(mailFrom);
    }

    private void ask(Question question, Task task) {
        Lookup known = lookups.get(question);
        if (known != null && known.answer != null && agenda.now().isBefore(known.until)) {
            deliveries.add(question.action(), known.answer, task);
            return;
        }
        if (known != null && known.answer == null) {
            known.waiting.add(task);
            return;
        }
        if (lookups.size() >= LOOKUPS_MAX) {
            prune();
        }
        if (lookups.size() >= LOOKUPS_MAX) {
            deliveries.fail(task, Failure.NO_RELAY_HOST);
            return;
        }
        Lookup fresh = new Lookup();
        fresh.waiting.add(task);
        lookups.put(question, fresh);
        resolver.table(
                question.table(),
                TableService.RELAYHOST,
                question.key(),
                entry -> answered(question, fresh, entry));
    }

    private void answered(Question question, Lookup lookup, Resolver.Entry entry) {
        List<Task> waiting = List.copyOf(lookup.waiting);
        lookup.waiting.clear();
        switch (entry) {
            case Resolver.Entry.Value value -> {
                RelayKey.@Nullable NextHop hop = hop(question.action(), value.value());
                lookup.answer = hop;
                lookup.until = agenda.now().plus(TURN);
                if (hop == null) {
                    boolean known = RelayUrl.parse(value.value()).isPresent();
                    fail(
                            question,
                            waiting,
                            known ? Failure.NEVER_ENCRYPTED : Failure.BAD_RELAY_HOST);
                } else {
                    if (question.key().isEmpty()) {
                        learn(question, hop);
                    }
                    waiting.forEach(task -> deliveries.add(question.action(), hop, task));
                }
            }
            case Resolver.Entry.Absent _ ->
                    fail(
                            question,
                            waiting,
                            question.key().isEmpty()
                                    ? Failure.NO_RELAY_HOST
                                    : Failure.NO_MAP_ENTRY);
            case Resolver.Entry.NotNow _ -> fail(question, waiting, Failure.NO_RELAY_HOST);
        }
        deliveries.go();
    }

    /// A relay host is out of reach, or cannot be given the message: the message goes to the next
    /// one of its table that has not failed it. What the table holds is learned turn by turn, since
    /// some tables only tell the next entry.
    ///
    /// @return false if there is no other
    boolean elsewhere(RelayKey key, Task task, Failure failure) {
        if (!(key.action().target() instanceof Dispatcher.Target.Host target)
                || task.tried().size() >= HOSTS_MAX) {
            return false;
        }
        Task next = task.after(key.hop().place(), failure);
        Question question = new Question(key.action(), target.hosts(), "");
        Map<String, RelayKey.NextHop> known = ring(question);
        for (RelayKey.NextHop hop : known.values()) {
            if (!next.tried().containsKey(hop.place())) {
                deliveries.add(question.action(), hop, next);
                deliveries.go();
                return true;
            }
        }
        int queue = queues;
        resolver.table(
                question.table(),
                TableService.RELAYHOST,
                "",
                entry -> {
                    if (queue == queues) {
                        turned(question, next, entry, failure);
                    }
                });
        return true;
    }

    private void turned(Question question, Task task, Resolver.Entry entry, Failure failure) {
        RelayKey.@Nullable NextHop hop =
                entry instanceof Resolver.Entry.Value value
                        ? hop(question.action(), value.value())
                        : null;
        if (hop != null) {
            learn(question, hop);
        }
        if (hop == null || task.tried().containsKey(hop.place())) {
            deliveries.fail(task, task.verdict(failure));
        } else {
            deliveries.add(question.action(), hop, task);
        }
        deliveries.go();
    }

    private Map<String, RelayKey.NextHop> ring(Question question) {
        return rings.computeIfAbsent(question, _ -> new LinkedHashMap<>());
    }

    /// The hosts of a table, the one that was told last at the end; those that are told no more are
    /// forgotten in the end.
    private void learn(Question question, RelayKey.NextHop hop) {
        Map<String, RelayKey.NextHop> ring = ring(question);
        ring.remove(hop.place());
        ring.put(hop.place(), hop);
        if (ring.size() > HOSTS_MAX) {
            ring.remove(ring.keySet().iterator().next());
        }
    }

    private static RelayKey.@Nullable NextHop hop(Dispatcher.Remote action, String url) {
        return RelayUrl.parse(url)
                .flatMap(read ->
                        withPolicy(read.scheme(), action)
                                .map(scheme ->
                                        new RelayUrl(
                                                scheme, read.label(), read.host(), read.port())))
                .map(read ->
                        isByExchangers(action)
                                ? RelayKey.NextHop.exchangers(read)
                                : RelayKey.NextHop.host(read))
                .orElse(null);
    }

    private static boolean isByExchangers(Dispatcher.Remote action) {
        return action.target() instanceof Dispatcher.Target.Host host
                && host.search() == Dispatcher.Target.Search.EXCHANGERS;
    }

    private void fail(Question question, List<Task> waiting, Failure failure) {
        lookups.remove(question);
        waiting.forEach(task -> deliveries.fail(task, failure));
    }

    /// Forgets answers whose turn is over.
    void prune() {
        Instant now = agenda.now();
        lookups.values().removeIf(lookup -> lookup.answer != null && !now.isBefore(lookup.until));
    }

    /// The queue that gave us the tasks is gone.
    void forgetTasks() {
        lookups.values().forEach(lookup -> lookup.waiting.clear());
        queues++;
    }
}
