package smtpd.control.stat;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Short numbers for keys, and samples written with them.
final class Names {
    /// Keys that get a number, several times what is kept at a time; a key beyond has no history.
    static final int MAX = 16_384;

    private final Map<String, Integer> ids = new HashMap<>();
    private final List<@Nullable String> keys = new ArrayList<>();
    private final List<Integer> fresh = new ArrayList<>();

    /// A key was given a number before.
    void known(int id, String key) {
        while (keys.size() <= id) {
            keys.add(null);
        }
        keys.set(id, key);
        ids.put(key, id);
    }

    /// The number of a key, given to it now if need be; negative if there is none left.
    private int id(String key) {
        Integer known = ids.get(key);
        if (known != null) {
            return known;
        }
        if (keys.size() >= MAX) {
            return -1;
        }
        int id = keys.size();
        known(id, key);
        fresh.add(id);
        return id;
    }

    @Nullable String key(int id) {
        return id < keys.size() ? keys.get(id) : null;
    }

    /// Numbers given since [#settled].
    List<Integer> fresh() {
        return List.copyOf(fresh);
    }

    /// What was fresh has been kept.
    void settled() {
        fresh.clear();
    }

    byte[] encode(Sample sample) {
        Varint.Out out = new Varint.Out();
        put(sample.gains(), out);
        put(sample.levels(), out);
        return out.toByteArray();
    }

    private void put(NavigableMap<String, Long> values, Varint.Out out) {
        NavigableMap<Integer, Long> numbered = new TreeMap<>();
        values.forEach((key, value) -> {
            int id = id(key);
            if (id >= 0) {
                numbered.put(id, value);
            }
        });
        out.put(numbered.size());
        int before = 0;
        for (Map.Entry<Integer, Long> entry : numbered.entrySet()) {
            out.put(entry.getKey() - before).putSigned(entry.getValue());
            before = entry.getKey();
        }
    }

    /// @throws IllegalArgumentException if the octets are no sample
    Sample decode(long step, byte[] body) {
        Varint.In in = new Varint.In(body);
        return new Sample(step, values(in), values(in));
    }

    private NavigableMap<String, Long> values(Varint.In in) {
        NavigableMap<String, Long> values = new TreeMap<>();
        int id = 0;
        for (long left = in.next(); left > 0; left--) {
            id += Math.toIntExact(in.next());
            long value = in.nextSigned();
            String key = key(id);
            if (key != null) {
                values.put(key, value);
            }
        }
        return values;
    }
}
