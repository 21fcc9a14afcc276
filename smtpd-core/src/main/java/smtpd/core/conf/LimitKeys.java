package smtpd.core.conf;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// The keys of `scheduler limit`, `mda limit` and `mta limit`, and the limits as key and value.
final class LimitKeys {
    private static final String[] NOUNS = {
        "host", "route", "source", "connector", "relay", "domain"
    };

    private LimitKeys() {}

    static Map<String, Integer> of(Limits.Scheduler limits) {
        Map<String, Integer> keys = new LinkedHashMap<>();
        keys.put("max-inflight", limits.maxInflight());
        keys.put("max-evp-batch-size", limits.maxEvpBatchSize());
        keys.put("max-msg-batch-size", limits.maxMsgBatchSize());
        keys.put("max-schedule", limits.maxSchedule());
        keys.put("retry-base-mta", limits.retry().mta());
        keys.put("retry-base-mda", limits.retry().mda());
        keys.put("retry-base-bounce", limits.retry().bounce());
        return keys;
    }

    static Limits.Scheduler scheduler(Limits.Pauses pauses, Map<String, Integer> keys) {
        return new Limits.Scheduler(
                value(keys, "max-inflight"),
                value(keys, "max-evp-batch-size"),
                value(keys, "max-msg-batch-size"),
                value(keys, "max-schedule"),
                new Limits.Retry(
                        value(keys, "retry-base-mta"),
                        value(keys, "retry-base-mda"),
                        value(keys, "retry-base-bounce"),
                        pauses));
    }

    static Map<String, Integer> of(SmtpLimits limits) {
        Map<String, Integer> keys = new LinkedHashMap<>();
        for (SmtpLimit limit : SmtpLimit.values()) {
            keys.put(limit.word(), limits.of(limit));
        }
        return keys;
    }

    static SmtpLimits smtp(Map<String, Integer> keys) {
        SmtpLimits limits = SmtpLimits.DEFAULT;
        for (SmtpLimit limit : SmtpLimit.values()) {
            limits = limits.with(limit, value(keys, limit.word()));
        }
        return limits;
    }

    static Map<String, Integer> of(Limits.Mda limits) {
        Map<String, Integer> keys = new LinkedHashMap<>();
        keys.put("max-session", limits.maxSession());
        keys.put("max-session-per-user", limits.maxSessionPerUser());
        putTasks(keys, limits.tasks());
        return keys;
    }

    static Limits.Mda mda(Map<String, Integer> keys) {
        return new Limits.Mda(
                value(keys, "max-session"), value(keys, "max-session-per-user"), tasks(keys));
    }

    static Map<String, Integer> of(Limits.MtaLimits limits) {
        Map<String, Integer> keys = new LinkedHashMap<>();
        Limits.PerNoun<Integer> max = limits.maxConn();
        int[] conns = {
            max.host(), max.route(), max.source(), max.connector(), max.relay(), max.domain()
        };
        for (int i = 0; i < NOUNS.length; i++) {
            keys.put("max-conn-per-" + NOUNS[i], conns[i]);
        }
        Limits.PerNoun<Duration> delay = limits.connDelay();
        Duration[] delays = {
            delay.host(),
            delay.route(),
            delay.source(),
            delay.connector(),
            delay.relay(),
            delay.domain()
        };
        for (int i = 0; i < NOUNS.length; i++) {
            keys.put("conn-delay-" + NOUNS[i], (int) delays[i].toSeconds());
        }
        Limits.MtaSession session = limits.session();
        keys.put("reconn-delay-route", (int) session.reconnDelayRoute().toSeconds());
        keys.put("session-mail-max", session.mailMax());
        keys.put("session-transaction-delay", (int) session.transactionDelay().toSeconds());
        keys.put("session-keepalive", (int) session.keepalive().toSeconds());
        keys.put("max-failures-per-session", session.maxFailures());
        putTasks(keys, limits.tasks());
        return keys;
    }

    static Limits.MtaLimits mta(Family family, Map<String, Integer> keys) {
        return new Limits.MtaLimits(
                family,
                new Limits.PerNoun<>(
                        value(keys, "max-conn-per-host"),
                        value(keys, "max-conn-per-route"),
                        value(keys, "max-conn-per-source"),
                        value(keys, "max-conn-per-connector"),
                        value(keys, "max-conn-per-relay"),
                        value(keys, "max-conn-per-domain")),
                new Limits.PerNoun<>(
                        seconds(keys, "conn-delay-host"),
                        seconds(keys, "conn-delay-route"),
                        seconds(keys, "conn-delay-source"),
                        seconds(keys, "conn-delay-connector"),
                        seconds(keys, "conn-delay-relay"),
                        seconds(keys, "conn-delay-domain")),
                new Limits.MtaSession(
                        value(keys, "session-mail-max"),
                        seconds(keys, "session-transaction-delay"),
                        seconds(keys, "session-keepalive"),
                        value(keys, "max-failures-per-session"),
                        seconds(keys, "reconn-delay-route")),
                tasks(keys));
    }

    private static void putTasks(Map<String, Integer> keys, Limits.Tasks tasks) {
        keys.put("task-hiwat", tasks.hiwat());
        keys.put("task-lowat", tasks.lowat());
        keys.put("task-release", tasks.release());
    }

    private static Limits.Tasks tasks(Map<String, Integer> keys) {
        return new Limits.Tasks(
                value(keys, "task-hiwat"), value(keys, "task-lowat"), value(keys, "task-release"));
    }

    private static int value(Map<String, Integer> keys, String key) {
        return keys.getOrDefault(key, 0);
    }

    private static Duration seconds(Map<String, Integer> keys, String key) {
        return Duration.ofSeconds(value(keys, key));
    }
}
