package smtpd.scheduler;

import smtpd.core.imsg.QueueSummary;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A queue at a glance that is partly in memory and partly on a shelf.
///
/// @param memory what is in memory
/// @param shelf what waits
record Overview(RamRunQueue memory, Shelf shelf) {
    QueueSummary summary(int destinations, Instant now) {
        QueueSummary here = memory.summary(destinations, now);
        Map<String, QueueSummary.To> largest = new LinkedHashMap<>();
        shelf.largest(destinations, Messages.SUMMARY_LOOKS)
                .forEach((lane, rows) ->
                        largest.put(lane.type().word() + lane.name(), to(lane, rows)));
        for (QueueSummary.To it : here.largest()) {
            String key = it.type().word() + it.name();
            if (!largest.containsKey(key)) {
                long number = shelf.find(it.type(), it.name());
                largest.put(key, number == 0 ? it : to(shelf.lane(number), shelf.count(number)));
            }
        }
        List<QueueSummary.To> sorted = new ArrayList<>(largest.values());
        sorted.sort(
                Comparator.comparingInt(QueueSummary.To::envelopes)
                        .reversed()
                        .thenComparing(QueueSummary.To::name)
                        .thenComparing(QueueSummary.To::type));
        return new QueueSummary(
                List.copyOf(sorted.subList(0, Math.min(destinations, sorted.size()))),
                shelf.lanes() + memory.messages().names().withoutLane(),
                here.partial() || shelf.lanes() > Messages.SUMMARY_LOOKS,
                ages(here, now));
    }

    private QueueSummary.To to(Shelf.Lane lane, int rows) {
        Destination here = memory.messages().names().find(lane.type(), lane.name());
        return here == null
                ? new QueueSummary.To(lane.type(), lane.name(), rows, 0, shelf.tried(lane))
                : new QueueSummary.To(
                        lane.type(),
                        lane.name(),
                        rows + here.envelopes - here.out,
                        here.flow.inflight,
                        here.lastDeferred != 0 ? here.lastDeferred : shelf.tried(lane));
    }

    private List<QueueSummary.Age> ages(QueueSummary here, Instant now) {
        List<QueueSummary.Age> there = shelf.ages().at(now.toEpochMilli());
        List<QueueSummary.Age> ages = new ArrayList<>();
        for (int i = 0; i < there.size(); i++) {
            ages.add(
                    new QueueSummary.Age(
                            there.get(i).below(),
                            there.get(i).envelopes() + here.ages().get(i).envelopes()));
        }
        return ages;
    }
}
