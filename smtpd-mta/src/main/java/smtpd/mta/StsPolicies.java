package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.KeptPolicy;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MtaToControl;
import smtpd.core.imsg.StsRecord;
import smtpd.core.proc.Agenda;
import smtpd.core.proc.Peer;
import smtpd.core.stat.Statistics;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The MTA-STS policies of domains (RFC 8461): fetched when their record changes, kept for as long
/// as they say, over restarts with control's help.
///
/// ## State
///
/// Policies kept; fetches under way with who waits for them; the time of the last fetch that
/// failed.
///
/// ## Rules
///
/// A policy that holds counts whatever DNS and the web say now (RFC 8461 §5.1): whoever can make
/// lookups fail can not undo it. Without one, a fetch that fails leaves the domain without policy,
/// and is not tried again before [#RETRY].
public final class StsPolicies {
    /// After a failure (RFC 8461 §3.3: at least five minutes).
    static final Duration RETRY = Duration.ofMinutes(5);

    /// Domains whose policies are kept: each some hundred bytes.
    static final int KEPT_MAX = 10_000;

    /// Fetches at a time.
    static final int FETCHES_MAX = 32;

    /// How long control may take to say what it has kept.
    private static final Duration CONTROL_PATIENCE = Duration.ofSeconds(5);

    /// When control did not answer it is asked again after this, so often.
    private static final Duration CONTROL_RETRY = Duration.ofSeconds(1);

    private static final int CONTROL_TRIES = 3;

    private final Fetch fetch;
    private final Optional<Peer<MtaToControl, ControlToMta>> control;
    private final Agenda agenda;
    private final Statistics statistics;
    private final MailLog log;
    private final Map<String, Kept> kept =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
                    return size() > KEPT_MAX;
                }
            };
    private final Map<String, Fetching> fetching = new LinkedHashMap<>();
    private final Map<String, Instant> failed = new LinkedHashMap<>();
    private final ArrayDeque<String> line = new ArrayDeque<>();
    private @Nullable List<Runnable> beforeLoaded = new ArrayList<>();
    private int underWay;

    /// Gets the text of a domain's policy (RFC 8461 §3.3).
    @FunctionalInterface
    public interface Fetch {
        /// `then` runs in the agent's thread, exactly once.
        void fetch(String domain, Consumer<Result> then);

        /// What a fetch came to.
        sealed interface Result {
            /// A text.
            record Text(String text) implements Result {}

            /// None.
            record None(String reason) implements Result {}
        }
    }

    private record Kept(String id, Instant until, StsPolicy policy) {}

    /// A fetch, and who waits for it.
    private record Fetching(String id, List<Consumer<@Nullable StsPolicy>> waiting) {}

    /// @param control keeps policies over restarts; empty where nobody does
    StsPolicies(
            Fetch fetch,
            Optional<Peer<MtaToControl, ControlToMta>> control,
            Agenda agenda,
            Statistics statistics,
            MailLog log) {
        this.fetch = fetch;
        this.control = control;
        this.agenda = agenda;
        this.statistics = statistics;
        this.log = log;
        control.ifPresentOrElse(keeper -> load(keeper, 1), this::goOn);
    }

    private void load(Peer<MtaToControl, ControlToMta> keeper, int attempt) {
        keeper.ask(
                new MtaToControl.LoadPolicies(),
                CONTROL_PATIENCE,
                answer -> {
                    boolean got =
                            answer instanceof Peer.Answer.Got<ControlToMta>(var message, _)
                                    && loaded(message);
                    if (!got && attempt < CONTROL_TRIES) {
                        agenda.after(CONTROL_RETRY, () -> load(keeper, attempt + 1));
                    } else {
                        goOn();
                    }
                });
    }

    private boolean loaded(ControlToMta message) {
        if (!(message instanceof ControlToMta.Policies(List<KeptPolicy> policies))) {
            return false;
        }
        for (KeptPolicy each : policies) {
            StsPolicy.parse(each.text())
                    .ifPresent(policy ->
                            kept.putIfAbsent(
                                    each.domain(), new Kept(each.id(), each.until(), policy)));
        }
        return true;
    }

    private void goOn() {
        List<Runnable> waiting = beforeLoaded;
        beforeLoaded = null;
        if (waiting != null) {
            waiting.forEach(Runnable::run);
        }
    }

    /// Finds the policy that holds for a domain; null for none. `then` runs at once where that is
    /// known.
    ///
    /// @param record what DNS says about it
    void of(String domain, StsRecord record, Consumer<@Nullable StsPolicy> then) {
        List<Runnable> waiting = beforeLoaded;
        if (waiting != null) {
            waiting.add(() -> of(domain, record, then));
            return;
        }
        Kept known = valid(domain);
        if (record.answer() != LookupAnswer.FOUND) {
            then.accept(known == null ? null : known.policy());
            return;
        }
        if (known != null && known.id().equals(record.id())) {
            then.accept(known.policy());
            if (isOld(known) && !failedLately(domain)) {
                fetch(domain, record.id(), _ -> {});
            }
        } else if (failedLately(domain)) {
            then.accept(known == null ? null : known.policy());
        } else {
            fetch(domain, record.id(), then);
        }
    }

    private @Nullable Kept valid(String domain) {
        Kept known = kept.get(domain);
        return known != null && agenda.now().isBefore(known.until()) ? known : null;
    }

    /// RFC 8461 §3.3: refreshed before it ends.
    private boolean isOld(Kept known) {
        Duration left = Duration.between(agenda.now(), known.until());
        return left.compareTo(known.policy().maxAge().dividedBy(2)) < 0;
    }

    private boolean failedLately(String domain) {
        Instant when = failed.get(domain);
        return when != null && agenda.now().isBefore(when.plus(RETRY));
    }

    private void fetch(String domain, String id, Consumer<@Nullable StsPolicy> then) {
        Fetching known = fetching.get(domain);
        if (known != null) {
            known.waiting().add(then);
            return;
        }
        Fetching fresh = new Fetching(id, new ArrayList<>(List.of(then)));
        fetching.put(domain, fresh);
        line.add(domain);
        next();
    }

    private void next() {
        while (underWay < FETCHES_MAX && !line.isEmpty()) {
            String domain = line.remove();
            underWay++;
            fetch.fetch(
                    domain,
                    result -> {
                        underWay--;
                        fetched(domain, result);
                        next();
                    });
        }
    }

    private void fetched(String domain, Fetch.Result result) {
        Fetching done = fetching.remove(domain);
        if (done == null) {
            return;
        }
        switch (result) {
            case Fetch.Result.Text(String text) ->
                    StsPolicy.parse(text)
                            .ifPresentOrElse(
                                    policy -> keep(domain, done.id(), policy),
                                    () -> fail(domain, "not a policy"));
            case Fetch.Result.None(String reason) -> fail(domain, reason);
        }
        Kept known = valid(domain);
        done.waiting().forEach(then -> then.accept(known == null ? null : known.policy()));
    }

    private void keep(String domain, String id, StsPolicy policy) {
        statistics.increment("mta.sts.fetched");
        failed.remove(domain);
        Instant until = agenda.now().plus(policy.maxAge());
        kept.put(domain, new Kept(id, until, policy));
        KeptPolicy entry = new KeptPolicy(domain, id, until, policy.text());
        control.ifPresent(keeper -> keeper.send(new MtaToControl.KeepPolicy(entry)));
    }

    private void fail(String domain, String reason) {
        statistics.increment("mta.sts.failed");
        log.stsFailed(domain, reason);
        failed.put(domain, agenda.now());
    }

    /// Forgets failures that no longer count.
    void prune() {
        Instant now = agenda.now();
        failed.values().removeIf(when -> !now.isBefore(when.plus(RETRY)));
    }

    /// What is known of a domain; empty for nothing.
    Optional<StsPolicy> known(String domain) {
        return Optional.ofNullable(valid(domain)).map(Kept::policy);
    }
}
