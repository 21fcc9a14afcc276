package smtpd.scheduler;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.DeliveryType;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;

/// Who delivers where to; one object however many envelopes go there, forgotten with the last.
final class Destination {
    final DeliveryType type;
    final String name;
    private int users;

    /// How many committed envelopes go there.
    int envelopes;

    /// How many of these have a row on the shelf.
    int out;

    /// How many came in beside older ones on the shelf since some of these were brought in.
    int beside;

    /// Its number on the shelf, or 0 as long as that is not known.
    long lane;

    /// The envelope that was put off last, or 0.
    long lastDeferred;

    /// Its share of what is handed out.
    final Flow flow = new Flow();

    /// What of that is for large messages; null while there are none.
    private @Nullable Flow bulk;

    private Destination(DeliveryType type, String name) {
        this.type = type;
        this.name = name;
    }

    /// The part of its share that large messages have among them.
    Flow bulk() {
        Flow found = bulk;
        if (found == null) {
            found = new Flow(2);
            bulk = found;
        }
        return found;
    }

    boolean is(DeliveryType otherType, String otherName) {
        return type == otherType && name.equals(otherName);
    }

    /// The smallest first, names settle what is equal.
    private static final Comparator<Destination> BY_SIZE =
            Comparator.comparingInt((Destination it) -> it.envelopes)
                    .thenComparing(
                            Comparator.comparing((Destination it) -> it.name)
                                    .thenComparing(it -> it.type)
                                    .reversed());

    /// Every destination in use.
    static final class Names {
        private final Map<DeliveryType, Map<String, Destination>> known =
                new EnumMap<>(DeliveryType.class);

        Names() {
            for (DeliveryType type : DeliveryType.values()) {
                known.put(type, new HashMap<>());
            }
        }

        /// The one object of this destination, with one more user.
        Destination acquire(DeliveryType type, String name) {
            Destination found = names(type).get(name);
            if (found == null) {
                found = new Destination(type, name);
                names(type).put(name, found);
            }
            found.users++;
            return found;
        }

        /// The one object of this destination; null if nobody uses it.
        @Nullable Destination find(DeliveryType type, String name) {
            return names(type).get(name);
        }

        /// One user more.
        void retain(Destination destination) {
            destination.users++;
        }

        /// One user less.
        void release(Destination destination) {
            if (--destination.users == 0) {
                names(destination.type).remove(destination.name);
            }
        }

        /// Destinations in use.
        int size() {
            return known.values().stream().mapToInt(Map::size).sum();
        }

        /// Destinations in use that the shelf does not know.
        int withoutLane() {
            int count = 0;
            for (Map<String, Destination> names : known.values()) {
                for (Destination it : names.values()) {
                    count += it.lane == 0 ? 1 : 0;
                }
            }
            return count;
        }

        /// The largest destinations, the most envelopes first, of the first so many.
        ///
        /// @param max how many are wanted at most
        /// @param looks how many are looked at at most
        List<Destination> largest(int max, int looks) {
            PriorityQueue<Destination> largest = new PriorityQueue<>(BY_SIZE);
            known.values().stream()
                    .flatMap(names -> names.values().stream())
                    .limit(looks)
                    .forEach(it -> {
                        largest.add(it);
                        if (largest.size() > max) {
                            largest.poll();
                        }
                    });
            return largest.stream().sorted(BY_SIZE.reversed()).toList();
        }

        void clear() {
            known.values().forEach(Map::clear);
        }

        private Map<String, Destination> names(DeliveryType type) {
            return Objects.requireNonNull(known.get(type));
        }
    }
}
