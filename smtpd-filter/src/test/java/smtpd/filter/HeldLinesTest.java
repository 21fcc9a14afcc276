package smtpd.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;

class HeldLinesTest {
    @Test
    void linesComeOutAsTheyWentIn() throws IOException {
        Random random = new Random(1);
        Queue<String> expected = new ArrayDeque<>();
        try (HeldLines lines = new HeldLines()) {
            for (int i = 0; i < 50_000; i++) {
                // mostly growing, then mostly shrinking, over the limit and back
                if (random.nextInt(10_000) < 10_000 - i / 5) {
                    String line = "\u00ff" + "y".repeat(random.nextInt(200)) + i;
                    lines.add(line);
                    expected.add(line);
                } else {
                    assertEquals(expected.poll(), lines.next());
                }
            }
            while (!expected.isEmpty()) {
                assertEquals(expected.poll(), lines.next());
            }
            assertNull(lines.next());
            lines.add("again");
            assertEquals("again", lines.next());
            assertNull(lines.next());
        }
    }

    @Test
    void emptyLinesTakeMemoryToo() throws IOException {
        try (HeldLines lines = new HeldLines()) {
            for (int i = 0; i < 100_000; i++) {
                lines.add("");
            }
            int count = 0;
            while (lines.next() != null) {
                count++;
            }
            assertEquals(100_000, count);
        }
    }
}
