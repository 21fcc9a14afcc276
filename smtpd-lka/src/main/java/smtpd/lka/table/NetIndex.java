package smtpd.lka.table;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// The entries of a table as networks: by hash, asked once for each prefix length that occurs, the
/// longest first. Entries that are no literal networks do not count.
final class NetIndex {
    private final Map<NetAddr, String> byNetwork = new HashMap<>();
    private final TreeSet<Integer> lengths4 = new TreeSet<>(Comparator.reverseOrder());
    private final TreeSet<Integer> lengths6 = new TreeSet<>(Comparator.reverseOrder());

    NetIndex(Collection<String> keys) {
        for (String key : keys) {
            NetAddr.parse(key)
                    .ifPresent(network -> {
                        byNetwork.putIfAbsent(network, key);
                        (network.isV4() ? lengths4 : lengths6).add(network.bits());
                    });
        }
    }

    /// The entry of the narrowest network `address` lies in, or null.
    @Nullable String find(String address) {
        Optional<NetAddr> asked = NetAddr.parse(address);
        if (asked.isEmpty()) {
            return null;
        }
        NetAddr host = asked.get();
        for (int length : host.isV4() ? lengths4 : lengths6) {
            if (length <= host.bits()) {
                String entry = byNetwork.get(host.shortenedTo(length));
                if (entry != null) {
                    return entry;
                }
            }
        }
        return null;
    }
}
