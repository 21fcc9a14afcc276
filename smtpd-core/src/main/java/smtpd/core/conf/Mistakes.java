package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import smtpd.core.smtp.Domains;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Warns of single options that are legal and cannot be meant: addresses that are none, tags that
/// no session has, limits that let nothing pass.
final class Mistakes {
    private static final int BITS_4 = 32;
    private static final int BITS_6 = 128;

    private final Config config;
    private final Draft draft;

    private Mistakes(Config config, Draft draft) {
        this.config = config;
        this.draft = draft;
    }

    static void warn(Config config, Draft draft) {
        Mistakes mistakes = new Mistakes(config, draft);
        mistakes.listeners();
        config.routing().rules().forEach(mistakes::rule);
        config.routing().dispatchers().values().forEach(mistakes::dispatcher);
        mistakes.pauses();
        mistakes.witness();
    }

    private void listeners() {
        Map<Listener.Bind, Location> seen = new LinkedHashMap<>();
        for (Listener listener : config.listeners()) {
            Location before = seen.putIfAbsent(listener.bind(), listener.where());
            if (before != null) {
                draft.warn(listener.where(), "this is the listener of " + before + " again");
            }
            if (listener.auth().mode() == Listener.AuthMode.NONE) {
                unasked(listener);
            }
        }
    }

    /// What depends on authentication, of a listener without any.
    private void unasked(Listener listener) {
        if (!listener.auth().senders().isEmpty()) {
            draft.warn(listener.where(), "senders is never asked without auth");
        }
        if (listener.has(Listener.Flag.RECEIVED_AUTH)) {
            draft.warn(listener.where(), "received-auth says nothing without auth");
        }
    }

    private void rule(Rule rule) {
        for (Rule.Criterion criterion : rule.criteria()) {
            if (criterion.regex()) {
                continue;
            }
            List<String> entries = entries(criterion.table());
            switch (criterion.kind()) {
                case TAG -> tags(rule, criterion, entries);
                case FROM_SRC -> networks(rule.where(), "from src", entries);
                case FOR_DOMAIN -> domains(rule.where(), entries);
                case FROM_ANY,
                        FROM_LOCAL,
                        FROM_SOCKET,
                        FROM_RDNS,
                        FOR_ANY,
                        FOR_LOCAL,
                        HELO,
                        AUTH,
                        TLS,
                        MAIL_FROM,
                        RCPT_TO -> {}
            }
        }
    }

    /// The entries of a list in the configuration; none of any other table.
    private List<String> entries(String table) {
        @Nullable TableConf conf = config.tables().get(table);
        return conf instanceof TableConf.StaticList list ? list.entries() : List.of();
    }

    private void tags(Rule rule, Rule.Criterion criterion, List<String> entries) {
        Set<String> tags = new HashSet<>();
        config.listeners().forEach(listener -> tags.add(fold(listener.session().tag())));
        boolean some = entries.stream().anyMatch(entry -> tags.contains(fold(entry)));
        if (!entries.isEmpty() && !some) {
            String always = criterion.negated() ? "always" : "never";
            draft.warn(
                    rule.where(),
                    "no listener has the tag "
                            + String.join(", ", entries)
                            + ": this test "
                            + always
                            + " holds");
        }
    }

    private static String fold(String text) {
        return text.toLowerCase(java.util.Locale.ROOT);
    }

    private void networks(Location where, String option, List<String> entries) {
        for (String entry : entries) {
            if (!isNetwork(entry)) {
                draft.warn(where, option + ": neither an address nor a network: " + entry);
            }
        }
    }

    private void domains(Location where, List<String> entries) {
        for (String entry : entries) {
            if (entry.indexOf('@') >= 0) {
                draft.warn(where, "for domain: an address is no domain: " + entry);
            }
        }
    }

    private void dispatcher(Dispatcher dispatcher) {
        if (!(dispatcher instanceof Dispatcher.Remote remote)) {
            return;
        }
        Location where = draft.placeOf("action", remote.name());
        for (String entry : entries(remote.identity().src())) {
            if (!isAddress(entry)) {
                draft.warn(where, "src: not an address: " + entry);
            }
        }
        String sender = remote.identity().mailFrom();
        if (!sender.isEmpty() && sender.indexOf('@') < 0) {
            draft.warn(where, "mail-from: neither an address nor '@domain': " + sender);
        }
    }

    /// `ADDRESS` or `ADDRESS/BITS`, an IPv6 address perhaps in brackets.
    static boolean isNetwork(String text) {
        int slash = text.lastIndexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        if (!isAddress(address)) {
            return false;
        }
        int most = address.indexOf(':') >= 0 ? BITS_6 : BITS_4;
        String bits = slash < 0 ? "0" : text.substring(slash + 1);
        return bits.matches("[0-9]{1,3}") && Integer.parseInt(bits) <= most;
    }

    /// Pauses for an action count where it is one destination.
    private void pauses() {
        Limits.Pauses pauses = config.settings().limits().scheduler().retry().pauses();
        for (String name : pauses.actions().keySet()) {
            boolean oneHost =
                    config.routing().dispatchers().get(name) instanceof Dispatcher.Remote remote
                            && remote.target() instanceof Dispatcher.Target.Host;
            if (!oneHost) {
                draft.warn(
                        draft.placeOf("retry", name),
                        "scheduler retry: " + name + " is no action that relays to a host");
            }
        }
    }

    /// A witness sees sealed queues that outlive the process.
    private void witness() {
        QueueOptions queue = config.settings().queue();
        if (queue.witness().isEmpty()) {
            return;
        }
        Location where = draft.placeOf("queue", "witness");
        if (queue.keys().isEmpty()) {
            draft.warn(where, "queue witness sees nothing without queue encryption or decryption");
        } else if (!queue.isLasting()) {
            draft.warn(where, "queue witness sees nothing of queue backend " + queue.backend());
        }
    }

    /// A literal address; IPv6 perhaps in brackets or with the prefix `IPv6:`.
    static boolean isAddress(String text) {
        boolean bracketed = text.startsWith("[") && text.endsWith("]");
        String bare = bracketed ? text.substring(1, text.length() - 1) : text;
        bare = bare.regionMatches(true, 0, "ipv6:", 0, 5) ? bare.substring(5) : bare;
        return Domains.isIpv4(bare) || Domains.isIpv6(bare.replaceFirst("%.*", ""));
    }

    /// Warns of limits that contradict each other or let nothing pass.
    static void limits(Draft draft, Location where, String process, Map<String, Integer> keys) {
        int low = keys.getOrDefault("task-lowat", 0);
        int high = keys.getOrDefault("task-hiwat", Integer.MAX_VALUE);
        if (low > high) {
            draft.warn(where, process + ": task-lowat " + low + " is above task-hiwat " + high);
        }
        List<String> closed = new ArrayList<>();
        keys.forEach((key, value) -> {
            if (value == 0 && (key.startsWith("max-") || key.equals("session-mail-max"))) {
                closed.add(key);
            }
        });
        closed.remove("max-failures-per-session");
        // bounds that 0 takes away
        closed.removeIf(key -> process.equals("smtp") && SmtpLimit.of(key).isPresent());
        for (String key : closed) {
            draft.warn(where, process + ": " + key + " 0 lets nothing pass");
        }
    }
}
