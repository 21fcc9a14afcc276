package smtpd.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static smtpd.scheduler.Mail.T0;
import static smtpd.scheduler.Mail.id;
import static smtpd.scheduler.Mail.mta;

import org.junit.jupiter.api.Test;

import smtpd.core.imsg.QueueSummary;
import smtpd.core.mail.DeliveryType;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

class SummaryTest extends RunQueueFixture {
    private static QueueSummary.To to(String name, int envelopes, int inflight, long deferred) {
        return new QueueSummary.To(DeliveryType.MTA, name, envelopes, inflight, deferred);
    }

    private static List<Integer> counts(QueueSummary summary) {
        return summary.ages().stream().map(QueueSummary.Age::envelopes).toList();
    }

    @Test
    void theLargestDestinationsComeFirstAndTheRestIsANumber() {
        commit(T0, mta(1, 1, "b"), mta(1, 2, "a"), mta(1, 3, "c"), mta(2, 1, "c"));
        QueueSummary summary = queue.summary(2, T0);
        assertEquals(List.of(to("c", 2, 0, 0), to("a", 1, 0, 0)), summary.largest());
        assertEquals(3, summary.destinations());
        assertFalse(summary.partial());
    }

    @Test
    void whatIsUnderWayPutOffAndGoneShows() {
        commit(T0, mta(1, 1, "a"), mta(2, 1, "a"), mta(3, 1, "a"));
        queue.work(T0);
        queue.deferred(id(2, 1), T0, T0);
        queue.delivered(id(3, 1));
        assertEquals(List.of(to("a", 2, 1, id(2, 1).value())), queue.summary(9, T0).largest());
        queue.delivered(id(1, 1));
        queue.delivered(id(2, 1));
        assertEquals(List.of(), queue.summary(9, T0).largest());
        assertTrue(counts(queue.summary(9, T0)).stream().allMatch(it -> it == 0));
    }

    @Test
    void envelopesAreCountedByAge() {
        Instant now = T0.plus(Duration.ofDays(10));
        commit(now, mta(1, 1, "a"));
        commit(now.minusSeconds(3600), mta(2, 1, "a"), mta(2, 2, "a"));
        commit(T0, mta(3, 1, "a"));
        assertEquals(List.of(1, 0, 0, 2, 0, 0, 1), counts(queue.summary(1, now)));
        assertEquals(
                List.of(4, 0, 0, 0, 0, 0, 0),
                counts(queue.summary(1, T0.minusSeconds(60))),
                "a clock that was set back makes nothing vanish");
        queue.clear();
        assertTrue(counts(queue.summary(1, now)).stream().allMatch(it -> it == 0));
    }

    @Test
    void tooManyDestinationsToLookAtAreSaid() {
        IntStream.rangeClosed(1, Messages.SUMMARY_LOOKS + 1)
                .forEach(i -> commit(T0, mta(i, 1, "d" + i)));
        QueueSummary summary = queue.summary(3, T0);
        assertTrue(summary.partial());
        assertEquals(3, summary.largest().size());
        assertEquals(Messages.SUMMARY_LOOKS + 1, summary.destinations());
    }
}
