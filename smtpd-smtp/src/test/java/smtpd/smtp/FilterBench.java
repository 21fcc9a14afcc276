package smtpd.smtp;

import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.imsg.FilterVerdict;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.SmtpToLka;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Filters;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/// What filters cost a session in smtp itself, by message: time and memory with none, with a filter
/// that wants to know nothing, and with one that wants to know everything; lka is a constant.
///
/// A main class: run it with the class path of the tests of this module.
public final class FilterBench {
    private static final int MESSAGES = 100;
    private static final int WARM_UP = 300;
    private static final int ROUNDS = 300;

    private FilterBench() {}

    /// lka, as fast as it can be.
    private static FilterLink.Ways ways(EnumSet<FilterEvent> events) {
        LkaToSmtp begun =
                new LkaToSmtp.FilterBegun(
                        EnumSet.noneOf(FilterPhase.class), events, FilterVerdict.PROCEED);
        LkaToSmtp decided = new LkaToSmtp.FilterDecided(FilterVerdict.PROCEED);
        return new FilterLink.Ways() {
            @Override
            public void send(SmtpToLka.ToFilters message) {}

            @Override
            public LkaToSmtp call(SmtpToLka.ToFilters question) {
                return question instanceof SmtpToLka.FilterBegin ? begun : decided;
            }
        };
    }

    private static Filters.Source source(EnumSet<FilterEvent> events) {
        FilterLink.Ways ways = ways(events);
        return facts ->
                new SessionFilters(
                        facts.id(),
                        "f",
                        ways,
                        (session, result) -> {
                            throw new IllegalStateException("nobody edits");
                        });
    }

    private static List<byte[]> dialogue() {
        List<byte[]> pieces = new ArrayList<>();
        pieces.add("EHLO client.example.net\r\n".getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < MESSAGES; i++) {
            pieces.add(
                    "MAIL FROM:<a@client.example.net>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            pieces.add("Subject: x\r\n\r\nHello.\r\n.\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        return pieces;
    }

    private static void run(Filters.Source source, List<byte[]> dialogue) {
        House house = new House();
        house.client = Client.at("192.0.2.7");
        house.filters = source;
        house.session(new SplitStream(dialogue)).run();
        if (house.queue.accepted.size() != MESSAGES) {
            throw new IllegalStateException("accepted " + house.queue.accepted.size());
        }
    }

    private static void measure(String name, Filters.Source source) {
        com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<byte[]> dialogue = dialogue();
        for (int i = 0; i < WARM_UP; i++) {
            run(source, dialogue);
        }
        long bytes = threads.getCurrentThreadAllocatedBytes();
        long nanos = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < ROUNDS; i++) {
            run(source, dialogue);
        }
        long messages = (long) ROUNDS * MESSAGES;
        System.out.printf(
                "%-12s %7.1f us and %8d bytes a message%n",
                name,
                (threads.getCurrentThreadCpuTime() - nanos) / 1000.0 / messages,
                (threads.getCurrentThreadAllocatedBytes() - bytes) / messages);
    }

    /// Measures all three, twice.
    public static void main(String[] args) {
        for (int i = 0; i < 2; i++) {
            measure("none", Filters.Source.NONE);
            measure("nothing", source(EnumSet.noneOf(FilterEvent.class)));
            measure("everything", source(EnumSet.allOf(FilterEvent.class)));
        }
    }
}
