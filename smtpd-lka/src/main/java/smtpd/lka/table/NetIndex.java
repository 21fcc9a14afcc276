package smtpd.lka.table;

import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;

/// The entries of a table as networks: by hash, asked once for each prefix length that occurs, the
/// longest first. Entries that are no literal networks do not count.
///
/// Holds twelve bytes a slot and no entry: those are read again where they are.
final class NetIndex {
    private final EntrySource entries;
    private final TreeSet<Integer> lengths4 = new TreeSet<>(Comparator.reverseOrder());
    private final TreeSet<Integer> lengths6 = new TreeSet<>(Comparator.reverseOrder());
    private int[] hashes = new int[16];
    private long[] places = new long[16];
    private int size;

    NetIndex(EntrySource entries) throws IOException {
        this.entries = entries;
        entries.walk(this::add);
    }

    private void add(long place, String key) {
        Optional<NetAddr> network = NetAddr.parse(key);
        if (network.isEmpty()) {
            return;
        }
        (network.get().isV4() ? lengths4 : lengths6).add(network.get().bits());
        if (size > hashes.length / 3 * 2) {
            rehash();
        }
        put(network.get().hashCode(), place);
        size++;
    }

    /// An equal network that came before stays in front.
    private void put(int hash, long place) {
        int at = first(hash);
        while (places[at] != 0) {
            at = (at + 1) & (hashes.length - 1);
        }
        hashes[at] = hash;
        places[at] = place + 1;
    }

    private int first(int hash) {
        int mixed = hash * 0x9e37_79b9;
        return (mixed ^ (mixed >>> 15)) & (hashes.length - 1);
    }

    private void rehash() {
        int[] oldHashes = hashes;
        long[] oldPlaces = places;
        hashes = new int[oldHashes.length * 2];
        places = new long[oldPlaces.length * 2];
        // from an empty slot on, so that equal networks keep their order
        int start = 0;
        while (oldPlaces[start] != 0) {
            start++;
        }
        for (int i = 0; i < oldPlaces.length; i++) {
            int at = (start + i) & (oldPlaces.length - 1);
            if (oldPlaces[at] != 0) {
                put(oldHashes[at], oldPlaces[at] - 1);
            }
        }
        Arrays.fill(oldPlaces, 0);
    }

    /// The place of the narrowest network `address` lies in; -1 for none.
    long find(String address) throws IOException {
        Optional<NetAddr> asked = NetAddr.parse(address);
        if (asked.isEmpty()) {
            return -1;
        }
        NetAddr host = asked.get();
        for (int length : host.isV4() ? lengths4 : lengths6) {
            if (length <= host.bits()) {
                long place = placeOf(host.shortenedTo(length));
                if (place >= 0) {
                    return place;
                }
            }
        }
        return -1;
    }

    private long placeOf(NetAddr network) throws IOException {
        int hash = network.hashCode();
        for (int at = first(hash); places[at] != 0; at = (at + 1) & (hashes.length - 1)) {
            if (hashes[at] == hash && isAt(places[at] - 1, network)) {
                return places[at] - 1;
            }
        }
        return -1;
    }

    private boolean isAt(long place, NetAddr network) throws IOException {
        return NetAddr.parse(entries.key(place)).filter(network::equals).isPresent();
    }
}
