package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class WaitingTasksTest {
    private final WaitingTasks tasks = new WaitingTasks();

    private void add(int msgid, int rcpts) {
        String[] all = new String[rcpts];
        for (int i = 0; i < rcpts; i++) {
            all[i] = "u" + i + "@d.test";
        }
        tasks.add(Samples.task(msgid, all));
    }

    private List<Integer> drain(boolean largeToo) {
        List<Integer> order = new ArrayList<>();
        Task next;
        while ((next = tasks.next(largeToo)) != null) {
            tasks.take(next);
            order.add(next.msgid().value());
        }
        return order;
    }

    @Test
    void firstComeFirstServedAmongTheLike() {
        add(1, 1);
        add(2, Task.SMALL_RCPTS_MAX);
        add(3, 1);
        assertEquals(List.of(1, 2, 3), drain(true));
    }

    @Test
    @DisplayName("F-91: small and large messages take turns")
    void smallAndLargeTakeTurns() {
        for (int large = 1; large <= 3; large++) {
            add(large, Task.SMALL_RCPTS_MAX + 1);
        }
        for (int small = 11; small <= 13; small++) {
            add(small, 1);
        }
        assertEquals(List.of(1, 11, 2, 12, 3, 13), drain(true));
    }

    @Test
    void largeOnesWaitWhereTheyMayNotGo() {
        add(1, Task.SMALL_RCPTS_MAX + 1);
        add(2, 1);
        assertEquals(List.of(2), drain(false));
        assertNull(tasks.next(false));
        assertEquals(List.of(1), drain(true));
    }

    @Test
    void whatIsPutBackComesFirst() {
        add(1, 1);
        add(2, 1);
        Task first = tasks.list().getFirst();
        tasks.take(first);
        tasks.putBack(first);
        assertEquals(List.of(1, 2), drain(true));
    }
}
