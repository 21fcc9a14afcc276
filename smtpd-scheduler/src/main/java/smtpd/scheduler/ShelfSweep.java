package smtpd.scheduler;

import smtpd.core.imsg.Selection;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/// A command on its way over memory and shelf: what is in memory first, then the shelf by key. What
/// goes from one to the other meanwhile is reached once.
final class ShelfSweep {
    private final Selection which;
    private final String domain;
    private final Command command;
    private final ShelfCommands commands;
    private final List<Long> missed = new ArrayList<>();

    /// Keys before the sweep that were in memory and are changed.
    private final NavigableSet<Long> done = new TreeSet<>();

    private ShelfCommands.Range rest;
    private boolean begun;
    private Instant now = Instant.EPOCH;

    /// What is done.
    ///
    /// @param memory to envelopes in memory; returns those it changed
    /// @param shelf to a range of the shelf; as many as it changed
    /// @param told whether the queue is to remember which these are
    record Command(OnMemory memory, OnShelf shelf, boolean told) {}

    /// Changes envelopes in memory.
    interface OnMemory {
        long[] change(List<Entry> entries, Instant now);
    }

    /// Changes a range of the shelf.
    interface OnShelf {
        long[] change(ShelfCommands.Range range, long now);
    }

    ShelfSweep(Selection which, String domain, Command command, ShelfCommands commands) {
        this.which = which;
        this.domain = domain;
        this.command = command;
        this.commands = commands;
        rest = ShelfCommands.Range.of(which);
    }

    boolean isBegun() {
        return begun;
    }

    /// Carries out the next part.
    Sweep.Part next(Messages messages, Instant at) {
        now = at;
        List<Long> changed = new ArrayList<>(missed);
        missed.clear();
        if (!begun) {
            begun = true;
            List<Entry> here = messages.select(which);
            here.removeIf(entry -> !RamRunQueue.goesTo(entry, domain));
            here.forEach(entry -> done.add(Shelf.key(entry.id)));
            add(command.memory.change(here, now), changed);
        }
        long end = commands.end(rest);
        boolean last = end == rest.upTo();
        changeShelf(end, changed);
        rest = new ShelfCommands.Range(end, rest.upTo());
        return new Sweep.Part(
                changed.size(),
                command.told ? changed.stream().mapToLong(it -> it).toArray() : Sweep.NONE,
                last);
    }

    /// Changes the shelf up to a key, but what was changed in memory before.
    private void changeShelf(long end, List<Long> changed) {
        long after = rest.after();
        NavigableSet<Long> before = done.headSet(end, true);
        for (long key : before) {
            if (commands.waits(key)) {
                changeShelf(after, key - 1, changed);
                after = key;
            }
        }
        before.clear();
        changeShelf(after, end, changed);
    }

    private void changeShelf(long after, long upTo, List<Long> changed) {
        if (after < upTo) {
            ShelfCommands.Range part = new ShelfCommands.Range(after, upTo);
            add(command.shelf.change(part, now.toEpochMilli()), changed);
        }
    }

    private static void add(long[] ids, List<Long> to) {
        for (long id : ids) {
            to.add(id);
        }
    }

    /// An envelope was brought into memory: if it lies before the sweep it is changed there.
    void missed(Entry entry) {
        long key = Shelf.key(entry.id);
        if (key > rest.after()
                && key <= rest.upTo()
                && !done.contains(key)
                && entry.phase != Entry.Phase.GONE
                && RamRunQueue.goesTo(entry, domain)) {
            done.add(key);
            add(command.memory.change(List.of(entry), now), missed);
        }
    }
}
