package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class WindowTest {
    private final Window window = new Window();

    private void successes(int count, int used) {
        for (int i = 0; i < count; i++) {
            window.success(used);
        }
    }

    @Test
    void growsByOneForEachRoundOfSuccesses() {
        assertEquals(Window.START, window.size());
        successes(Window.START + 1, 100);
        assertEquals(Window.START + 1, window.size());
    }

    @Test
    void doesNotGrowWhileItIsNotUsed() {
        successes(1000, Window.START - 1);
        assertEquals(Window.START, window.size());
    }

    @Test
    void isBoundedAboveAndBelow() {
        successes(2_000_000, Integer.MAX_VALUE);
        assertEquals(Window.MAX, window.size());
        for (int i = 0; i < 100; i++) {
            window.error();
        }
        assertEquals(1, window.size());
    }

    @Test
    void anErrorHalvesAndAServerMetAnewStartsOver() {
        window.error();
        assertEquals(Window.START / 2, window.size());
        window.restart();
        assertEquals(Window.START, window.size());
    }
}
