package smtpd.scheduler;

import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The commands over memory and shelf that are under way.
final class ShelfSweeps {
    private final RamRunQueue memory;
    private final Shelf shelf;
    private final ShelfCommands commands;
    private final Consumer<Instant> clock;
    private final List<ShelfSweep> sweeps = new ArrayList<>();

    /// @param memory what is in memory
    /// @param shelf what waits
    /// @param commands what can be done to what waits
    /// @param clock told the time of each part
    ShelfSweeps(RamRunQueue memory, Shelf shelf, ShelfCommands commands, Consumer<Instant> clock) {
        this.memory = memory;
        this.shelf = shelf;
        this.commands = commands;
        this.clock = clock;
    }

    void clear() {
        sweeps.clear();
    }

    /// An envelope was brought into memory.
    void missed(Entry entry) {
        sweeps.forEach(sweep -> sweep.missed(entry));
    }

    Sweep schedule(Selection which) {
        return sweep(
                which,
                "",
                new ShelfSweep.Command(
                        (entries, now) -> new long[memory.commands().schedule(entries, now)],
                        (range, now) -> new long[commands.schedule(range, 0, now)],
                        false));
    }

    Sweep schedule(String destination) {
        return sweep(
                new Selection(0),
                destination,
                new ShelfSweep.Command(
                        (entries, now) -> new long[memory.commands().schedule(entries, now)],
                        (range, now) -> {
                            long lane = shelf.find(DeliveryType.MTA, destination);
                            return new long[lane == 0 ? 0 : commands.schedule(range, lane, now)];
                        },
                        false));
    }

    Sweep remove(Selection which) {
        return sweep(
                which,
                "",
                new ShelfSweep.Command(
                        (entries, now) -> new long[memory.commands().remove(entries, now)],
                        (range, _) -> new long[commands.remove(range)],
                        false));
    }

    Sweep suspend(Selection which, boolean on) {
        return sweep(
                which,
                "",
                new ShelfSweep.Command(
                        (entries, now) -> memory.commands().suspend(entries, on, now),
                        (range, _) -> commands.suspend(range, on),
                        true));
    }

    Sweep extend(Selection which, String domain, Duration by) {
        return sweep(
                which,
                domain,
                new ShelfSweep.Command(
                        (entries, now) -> memory.commands().extend(entries, by, now),
                        (range, _) -> {
                            long lane = domain.isEmpty() ? 0 : shelf.find(DeliveryType.MTA, domain);
                            return !domain.isEmpty() && lane == 0
                                    ? Sweep.NONE
                                    : commands.extend(range, lane, by.toSeconds());
                        },
                        true));
    }

    private Sweep sweep(Selection which, String domain, ShelfSweep.Command command) {
        ShelfSweep sweep = new ShelfSweep(which, domain, command, commands);
        return now -> {
            clock.accept(now);
            if (!sweep.isBegun()) {
                sweeps.add(sweep);
            }
            Sweep.Part part = sweep.next(memory.messages(), now);
            if (part.last()) {
                sweeps.remove(sweep);
            }
            return part;
        };
    }
}
