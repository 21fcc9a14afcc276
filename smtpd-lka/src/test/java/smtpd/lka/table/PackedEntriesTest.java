package smtpd.lka.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

class PackedEntriesTest {
    private static String value(PackedEntries entries, String key) {
        long place = entries.find(key);
        return place < 0 ? "-" : entries.value(place);
    }

    @Test
    void aMapAndThePackedEntriesAgree() throws IOException {
        SplittableRandom random = new SplittableRandom(20261121);
        Map<String, String> expected = new HashMap<>();
        PackedEntries.Builder builder = new PackedEntries.Builder();
        for (int i = 0; i < 30_000; i++) {
            String key = "k" + random.nextInt(20_000) + (i % 97 == 0 ? "ü" : "");
            String value = "v".repeat(random.nextInt(300)) + i;
            expected.put(key, value);
            builder.add(key, value);
        }
        PackedEntries entries = builder.build(true);
        assertEquals(expected.size(), entries.size());
        expected.forEach((key, value) -> assertEquals(value, value(entries, key)));
        for (int i = 20_000; i < 40_000; i++) {
            assertEquals("-", value(entries, "k" + i));
        }
    }

    @Test
    void orderIsThatOfTheFirstAppearance() throws IOException {
        PackedEntries.Builder builder = new PackedEntries.Builder();
        for (String entry : List.of("B", "a", "b", "C")) {
            builder.add(entry, "");
        }
        PackedEntries entries = builder.build(false);
        List<String> seen = new ArrayList<>();
        entries.walk((place, key) -> seen.add(key + "=" + entries.value(place)));
        assertEquals(List.of("b=b", "a=a", "c=C"), seen);
    }

    @Test
    void anEntryMayBeLargerThanAPage() throws IOException {
        String large = "x".repeat(1 << 20);
        PackedEntries.Builder builder = new PackedEntries.Builder();
        builder.add("a", "1");
        builder.add("b", large);
        builder.add("c", "3");
        PackedEntries entries = builder.build(true);
        assertEquals("1", value(entries, "a"));
        assertEquals(large, value(entries, "b"));
        assertEquals("3", value(entries, "c"));
    }

    @Test
    void moreThanTheMemoryAllowsIsRefusedWithAdvice() throws IOException {
        PackedEntries.Builder builder = new PackedEntries.Builder(1 << 20);
        builder.add("a", "x".repeat(1_000_000));
        IOException e =
                assertThrows(IOException.class, () -> builder.add("b", "x".repeat(100_000)));
        assertTrue(String.valueOf(e.getMessage()).contains("make it a db table"));
    }
}
