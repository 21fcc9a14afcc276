package smtpd.scheduler;

import smtpd.core.imsg.ScheduleEntry;
import smtpd.core.mail.MsgId;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Envelopes submitted but not committed, by message: nobody sees them yet.
final class Changesets {
    private final Map<MsgId, List<ScheduleEntry>> open = new HashMap<>();
    private int incoming;

    /// Envelopes in all changesets.
    int incoming() {
        return incoming;
    }

    /// Open changesets.
    int size() {
        return open.size();
    }

    void add(ScheduleEntry entry) {
        open.computeIfAbsent(entry.id().msgid(), _ -> new ArrayList<>(1)).add(entry);
        incoming++;
    }

    /// Closes a changeset; empty if there is none.
    List<ScheduleEntry> close(MsgId msgid) {
        List<ScheduleEntry> entries = open.remove(msgid);
        if (entries == null) {
            return List.of();
        }
        incoming -= entries.size();
        return entries;
    }

    void clear() {
        open.clear();
        incoming = 0;
    }
}
