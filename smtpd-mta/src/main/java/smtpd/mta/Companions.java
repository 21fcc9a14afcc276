package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.MsgId;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which relays hold waiting tasks of the same message: where their domains lead to one route, they
/// travel in one transaction.
final class Companions {
    private final Map<MsgId, Party> parties = new LinkedHashMap<>();

    /// The relays of one message with the number of its tasks in each.
    private static final class Party {
        private final Instant since;
        private final Map<Relay, Integer> tasks = new LinkedHashMap<>();

        Party(Instant since) {
            this.since = since;
        }
    }

    /// A task begins to wait in a relay.
    void add(Relay relay, Task task, Instant now) {
        parties.computeIfAbsent(task.msgid(), _ -> new Party(now))
                .tasks
                .merge(relay, 1, Integer::sum);
    }

    /// A task waits no longer.
    void remove(Relay relay, Task task) {
        Party party = parties.get(task.msgid());
        if (party != null) {
            party.tasks.computeIfPresent(relay, (_, count) -> count > 1 ? count - 1 : null);
            if (party.tasks.isEmpty()) {
                parties.remove(task.msgid());
            }
        }
    }

    /// The relays that hold tasks of a message.
    List<Relay> of(MsgId msgid) {
        Party party = parties.get(msgid);
        return party == null ? List.of() : new ArrayList<>(party.tasks.keySet());
    }

    /// Since when tasks of a message wait; null if none does.
    @Nullable Instant since(MsgId msgid) {
        Party party = parties.get(msgid);
        return party == null ? null : party.since;
    }

    /// Whether tasks of a message wait in more than one relay, and one of these is still being
    /// looked up.
    boolean areResolving(MsgId msgid) {
        Party party = parties.get(msgid);
        return party != null
                && party.tasks.size() > 1
                && party.tasks.keySet().stream().anyMatch(relay -> relay.domain.asked);
    }

    void clear() {
        parties.clear();
    }
}
