package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;
import java.util.TreeMap;

class IntMapTest {
    @Test
    void behavesAsATreeMap() {
        SplittableRandom random = new SplittableRandom(3);
        IntMap<Integer> map = new IntMap<>();
        TreeMap<Integer, Integer> model = new TreeMap<>(Integer::compareUnsigned);
        for (int i = 0; i < 200_000; i++) {
            int key = (random.nextInt(i < 100_000 ? 5_000 : 200) - 100) * 0x10001;
            if (key == 0) {
                continue;
            }
            if (random.nextInt(3) == 0) {
                assertEquals(model.remove(key), map.remove(key));
            } else {
                map.put(key, i);
                model.put(key, i);
            }
            assertEquals(model.size(), map.size());
            assertEquals(model.get(key), map.get(key));
        }
        int[] keys = model.keySet().stream().mapToInt(Integer::intValue).toArray();
        assertArrayEquals(keys, map.sortedKeys());
        long[] sum = new long[1];
        map.forEach(v -> sum[0] += v);
        assertEquals(model.values().stream().mapToLong(Integer::longValue).sum(), sum[0]);
        for (int key : keys) {
            assertEquals(model.get(key), map.remove(key));
        }
        assertEquals(0, map.size());
    }
}
