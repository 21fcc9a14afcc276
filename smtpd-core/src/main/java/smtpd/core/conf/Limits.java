package smtpd.core.conf;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The limits of scheduler, mda and mta, and the memory of those who keep the queue. Defaults are
/// OpenSMTPD's, where it has them.
public record Limits(Scheduler scheduler, Mda mda, Mta mta, Heaps heaps) {
    /// What holds when nothing is configured.
    public static final Limits DEFAULT = new Limits(Scheduler.DEFAULT, Mda.DEFAULT, Mta.DEFAULT);

    /// With the usual memory.
    public Limits(Scheduler scheduler, Mda mda, Mta mta) {
        this(scheduler, mda, mta, Heaps.DEFAULT);
    }

    /// These with another scheduler.
    Limits with(Scheduler other) {
        return new Limits(other, mda, mta, heaps);
    }

    /// These with another mda.
    Limits with(Mda other) {
        return new Limits(scheduler, other, mta, heaps);
    }

    /// These with another mta.
    Limits with(Mta other) {
        return new Limits(scheduler, mda, other, heaps);
    }

    /// These with other memory.
    Limits with(Heaps other) {
        return new Limits(scheduler, mda, mta, other);
    }

    /// `queue limit memory SIZE` and `scheduler limit memory SIZE`: what the heaps of these
    /// processes may come to, in megabytes. What each knows of an envelope is in memory, unless its
    /// back-end says otherwise.
    ///
    /// @param queue of the queue
    /// @param scheduler of the scheduler
    public record Heaps(int queue, int scheduler) {
        /// Room for some two million envelopes.
        public static final Heaps DEFAULT = new Heaps(512, 512);

        /// Least that can be configured: what a process needs without any mail.
        public static final int LEAST = 64;

        /// Most that can be configured: a terabyte.
        public static final int MOST = 1 << 20;

        /// What a scheduler in memory needs for an envelope, in bytes: 180, as its benchmark says,
        /// in the half of the heap that what lives long may fill.
        private static final int SCHEDULER_BYTES = 360;

        /// How many envelopes a scheduler that has all in memory bears.
        public long schedulerEnvelopes() {
            return ((long) scheduler << 20) / SCHEDULER_BYTES;
        }
    }

    /// `scheduler limit KEY N`.
    ///
    /// @param maxInflight envelopes handed out and not yet answered
    /// @param maxEvpBatchSize envelopes in one batch
    /// @param maxMsgBatchSize messages listed in one answer
    /// @param maxSchedule batches made in one turn
    /// @param retry when envelopes are tried again
    public record Scheduler(
            int maxInflight,
            int maxEvpBatchSize,
            int maxMsgBatchSize,
            int maxSchedule,
            Retry retry) {
        public static final Scheduler DEFAULT = new Scheduler(5000, 256, 1024, 10, Retry.DEFAULT);

        /// With the default schedule.
        public Scheduler(
                int maxInflight, int maxEvpBatchSize, int maxMsgBatchSize, int maxSchedule) {
            this(maxInflight, maxEvpBatchSize, maxMsgBatchSize, maxSchedule, Retry.DEFAULT);
        }
    }

    /// `retry-base-…`: the n-th attempt is due n² times so many seconds after an envelope was
    /// accepted. OpenSMTPD: the same, not settable.
    ///
    /// @param mta seconds for remote deliveries, at least 1
    /// @param mda seconds for local deliveries, at least 1
    /// @param bounce seconds for reports to senders, at least 1
    /// @param pauses remote deliveries with a schedule of their own
    public record Retry(int mta, int mda, int bounce, Pauses pauses) {
        public static final Retry DEFAULT = new Retry(400, 10, 10);

        /// All by their bases.
        public Retry(int mta, int mda, int bounce) {
            this(mta, mda, bounce, Pauses.NONE);
        }

        public Retry {
            mta = Math.max(1, mta);
            mda = Math.max(1, mda);
            bounce = Math.max(1, bounce);
        }
    }

    /// `scheduler retry`: the pauses between the attempts of a remote delivery, counted from when
    /// the envelope was accepted; the last one is repeated. An empty list leaves the base.
    ///
    /// @param all of every remote delivery
    /// @param domains of single domains, by lower-case name
    /// @param actions of actions that relay everything to one host, by name
    public record Pauses(
            List<Duration> all,
            Map<String, List<Duration>> domains,
            Map<String, List<Duration>> actions) {
        /// None is configured.
        public static final Pauses NONE = new Pauses(List.of(), Map.of(), Map.of());

        /// Pauses in one list: what is tried more often in a row is not waited for, but asked.
        public static final int MAX = 32;

        public Pauses {
            all = List.copyOf(all);
            domains = Ordered.copy(domains);
            actions = Ordered.copy(actions);
        }

        /// The pauses for a destination: a domain, or an action that relays to one host.
        public List<Duration> of(String destination) {
            List<Duration> own = domains.get(destination);
            own = own == null ? actions.get(destination) : own;
            return own == null ? all : own;
        }
    }

    /// Marks of a queue of tasks: at `hiwat` the scheduler holds further envelopes, below `lowat`
    /// it is asked to release `release` of them.
    public record Tasks(int hiwat, int lowat, int release) {
        public static final Tasks DEFAULT = new Tasks(50, 30, 10);
    }

    /// `mda limit KEY N`.
    ///
    /// @param maxSession deliveries at one time
    /// @param maxSessionPerUser deliveries at one time for one user
    /// @param tasks marks of one user's queue
    public record Mda(int maxSession, int maxSessionPerUser, Tasks tasks) {
        public static final Mda DEFAULT = new Mda(50, 7, Tasks.DEFAULT);
    }

    /// `mta limit …` and `mta max-deferred`.
    ///
    /// @param defaults for every domain without its own
    /// @param domains limits of single domains, by lower-case name
    /// @param maxDeferred deferred envelopes remembered per host
    public record Mta(MtaLimits defaults, Map<String, MtaLimits> domains, int maxDeferred) {
        public static final Mta DEFAULT = new Mta(MtaLimits.DEFAULT, new LinkedHashMap<>(), 100);

        public Mta {
            domains = Ordered.copy(domains);
        }

        /// The limits towards a domain.
        public MtaLimits of(String domainKey) {
            MtaLimits own = domains.get(domainKey);
            return own == null ? defaults : own;
        }
    }

    /// The limits towards one destination.
    ///
    /// @param family which addresses are used
    /// @param maxConn `max-conn-per-…`: concurrent connections
    /// @param connDelay `conn-delay-…`: pause between two connects
    /// @param session what one session does
    /// @param tasks marks of one relay's queue
    public record MtaLimits(
            Family family,
            PerNoun<Integer> maxConn,
            PerNoun<Duration> connDelay,
            MtaSession session,
            Tasks tasks) {
        public static final MtaLimits DEFAULT =
                new MtaLimits(
                        Family.ANY,
                        new PerNoun<>(10, 5, 100, 20, 100, 100),
                        new PerNoun<>(
                                Duration.ZERO,
                                Duration.ofSeconds(5),
                                Duration.ZERO,
                                Duration.ZERO,
                                Duration.ofSeconds(2),
                                Duration.ZERO),
                        MtaSession.DEFAULT,
                        Tasks.DEFAULT);
    }

    /// One value for each noun of the outgoing side.
    public record PerNoun<T>(T host, T route, T source, T connector, T relay, T domain) {}

    /// What one outgoing session does.
    ///
    /// @param mailMax `session-mail-max`: messages in one session
    /// @param transactionDelay `session-transaction-delay`: pause between two messages
    /// @param keepalive `session-keepalive`: how long an idle session stays open
    /// @param maxFailures `max-failures-per-session`: failed messages before it is closed
    /// @param reconnDelayRoute `reconn-delay-route`: pause after a disconnect on the same route
    public record MtaSession(
            int mailMax,
            Duration transactionDelay,
            Duration keepalive,
            int maxFailures,
            Duration reconnDelayRoute) {
        public static final MtaSession DEFAULT =
                new MtaSession(
                        100, Duration.ZERO, Duration.ofSeconds(10), 25, Duration.ofSeconds(3));
    }
}
