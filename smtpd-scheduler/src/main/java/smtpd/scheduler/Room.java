package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.DeliveryType;

import java.util.HashMap;
import java.util.Map;

/// What of each destination may be in memory, while the rest waits on a [Shelf].
///
/// A destination with more to do than its share is parked until half of what it has is gone.
/// Meanwhile new mail goes beside what is brought in, half a share of it each time: after a long
/// outage it waits behind part of the backlog only, and the backlog does not wait for ever behind
/// what is new.
final class Room {
    private final Capacity capacity;
    private final RamRunQueue memory;
    private final Shelf shelf;

    /// Destinations with more to do than they may have in memory, and the number of envelopes there
    /// at which they get more.
    private final Map<Destination, Integer> parkedAt = new HashMap<>();

    /// Whether there is room for the message that is being taken in, by its destinations.
    private @Nullable Map<Destination, Place> arriving;

    /// Where new mail goes.
    private enum Place {
        MEMORY,
        /// Into memory, older mail being on the shelf.
        BESIDE,
        SHELF
    }

    Room(Capacity capacity, RamRunQueue memory, Shelf shelf) {
        this.capacity = capacity;
        this.memory = memory;
        this.shelf = shelf;
    }

    void clear() {
        parkedAt.clear();
    }

    /// A message comes: what is decided for its first envelope to a destination holds for all.
    void arrives() {
        arriving = new HashMap<>();
    }

    /// It has come.
    void arrived() {
        arriving = null;
    }

    /// Whether a due envelope of a destination may stay in memory. What was in memory before stays.
    boolean has(Destination to, long now) {
        if (memory.isPaused(to.type)) {
            return false;
        }
        Map<Destination, Place> decided = arriving;
        if (decided == null) {
            return true;
        }
        Place place = decided.computeIfAbsent(to, it -> place(it, now));
        if (place == Place.BESIDE) {
            to.beside++;
        }
        return place != Place.SHELF;
    }

    private Place place(Destination to, long now) {
        int share = share(to.type, to);
        int extra = share / 2;
        if (memory.messages().envelopes(to.type) > capacity.perType()
                || to.envelopes > share + extra) {
            return Place.SHELF;
        }
        if (olderWaits(to, now)) {
            return to.beside < extra ? Place.BESIDE : Place.SHELF;
        }
        return to.envelopes > share ? Place.SHELF : Place.MEMORY;
    }

    private boolean olderWaits(Destination to, long now) {
        if (shelf.waiting() == 0) {
            return false;
        }
        if (to.lane == 0) {
            to.lane = shelf.find(to.type, to.name);
        }
        return to.lane != 0 && shelf.firstWake(to.lane) <= now;
    }

    /// How many envelopes a destination may have; null for one with none.
    int share(DeliveryType type, @Nullable Destination to) {
        boolean failing = to != null && to.flow.isFailing();
        int has = to == null ? 0 : to.envelopes;
        return capacity.share(failing, has, memory.messages().envelopes(type));
    }

    /// Whether nothing of a type may be brought in.
    boolean isFull(DeliveryType type) {
        return memory.messages().envelopes(type) >= capacity.perType();
    }

    /// How many envelopes about to be removed or expired may be brought in.
    int ending() {
        return capacity.ending() - memory.ending();
    }

    /// A destination has more that is due than it may have.
    void park(Destination to, Shelf.Lane lane) {
        to.lane = lane.number();
        memory.messages().names().retain(to);
        parkedAt.put(to, to.envelopes / 2);
        shelf.park(lane);
    }

    /// An envelope of a destination is gone from memory.
    void left(Destination to) {
        Integer threshold = parkedAt.get(to);
        if (threshold != null && to.envelopes <= threshold) {
            unpark(to);
        }
    }

    /// A destination has no rows any more.
    void forget(Shelf.Lane lane) {
        Destination here = memory.messages().names().find(lane.type(), lane.name());
        if (here != null) {
            if (parkedAt.containsKey(here)) {
                unpark(here);
            }
            here.lane = 0;
        }
    }

    private void unpark(Destination to) {
        parkedAt.remove(to);
        shelf.wakeByFirst(new Shelf.Lane(to.lane, to.type, to.name));
        memory.messages().names().release(to);
    }
}
