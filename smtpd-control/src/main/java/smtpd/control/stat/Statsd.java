package smtpd.control.stat;

import org.jspecify.annotations.Nullable;

import smtpd.core.stat.Statistics;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.SysException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Sends what changed to a StatsD server: totals as counters (`c`), levels and times as gauges
/// (`g`), durations as their mean in milliseconds (`ms`) with the sample rate that says how many
/// there were. Nobody answers, and what cannot be sent at once is lost.
public final class Statsd implements Backend {
    /// Octets of a datagram that fits every path (statsd: 1432 for Ethernet behind a tunnel).
    static final int DATAGRAM_MAX = 1432;

    private static final String PREFIX = "smtpd.";
    private static final double MICROS = 1000.0;

    private final Sink sink;
    private Map<String, Metric> before = new HashMap<>();

    /// Where datagrams go.
    interface Sink {
        void send(byte[] datagram);

        default void close() {}
    }

    Statsd(Sink sink) {
        this.sink = sink;
    }

    /// Sends over a connected UDP socket, which then belongs to it.
    ///
    /// @param before what was counted before this process began, and is no change
    public static Statsd over(int fd, Map<String, Metric> before) throws SysException {
        FdSocket socket = FdSocket.adopt(fd);
        ByteBuffer buffer = ByteBuffer.allocateDirect(DATAGRAM_MAX);
        Statsd made =
                new Statsd(
                        new Sink() {
                            @Override
                            public void send(byte[] datagram) {
                                buffer.clear().put(datagram).flip();
                                try {
                                    socket.trySend(buffer);
                                } catch (SysException _) {
                                    // nobody listens there now
                                }
                            }

                            @Override
                            public void close() {
                                socket.close();
                            }
                        });
        made.before = new HashMap<>(before);
        return made;
    }

    @Override
    public void take(Reading reading) {
        StringBuilder datagram = new StringBuilder();
        for (String line : lines(reading)) {
            if (datagram.length() + line.length() + 1 > DATAGRAM_MAX) {
                flush(datagram);
            }
            datagram.append(datagram.isEmpty() ? "" : "\n").append(line);
        }
        flush(datagram);
        before = new HashMap<>(reading.metrics());
    }

    private void flush(StringBuilder datagram) {
        if (!datagram.isEmpty()) {
            sink.send(datagram.toString().getBytes(StandardCharsets.US_ASCII));
            datagram.setLength(0);
        }
    }

    private List<String> lines(Reading reading) {
        List<String> lines = new ArrayList<>();
        reading.metrics()
                .forEach((key, metric) -> {
                    Metric old = before.get(key);
                    if (!metric.equals(old)) {
                        lines(PREFIX + name(key), metric, old, lines);
                    }
                });
        return lines;
    }

    private static void lines(
            String name, Metric metric, @Nullable Metric old, List<String> lines) {
        switch (metric) {
            case Metric.Counter(long value) ->
                    count(name, value - (old instanceof Metric.Counter(long was) ? was : 0), lines);
            case Metric.Level level -> lines.add(name + ":" + level.shown() + "|g");
            case Metric.Stamp(long second) -> lines.add(name + ":" + second + "|g");
            case Metric.Ratio(long part, long whole) -> {
                Metric.Ratio was = old instanceof Metric.Ratio it ? it : new Metric.Ratio(0, 0);
                count(name + ".part", part - was.part(), lines);
                count(name + ".whole", whole - was.whole(), lines);
            }
            case Metric.Durations(Distribution it) -> {
                boolean known = old instanceof Metric.Durations;
                Distribution was =
                        old instanceof Metric.Durations(Distribution d) ? d : new Distribution();
                long count = it.count() - was.count();
                if (count > 0 || !known) {
                    double mean = (it.sum() - was.sum()) / MICROS / Math.max(1, count);
                    String rate =
                            count > 1 ? String.format(Locale.ROOT, "|@%.6f", 1.0 / count) : "";
                    lines.add(name + String.format(Locale.ROOT, ":%.3f|ms", mean) + rate);
                }
            }
        }
    }

    private static void count(String name, long gain, List<String> lines) {
        if (gain != 0) {
            lines.add(name + ":" + gain + "|c");
        }
    }

    /// Words of the format are no part of a name; a name of the world is one word of it.
    private static String name(String key) {
        int mark = key.indexOf(Statistics.NAME_MARK);
        String family = mark < 0 ? key : key.substring(0, mark);
        String rest = mark < 0 ? "" : "." + plain(key.substring(mark + 1)).replace('.', '_');
        return plain(family) + rest;
    }

    private static String plain(String text) {
        return text.replaceAll("[^A-Za-z0-9._-]", "_");
    }

    @Override
    public void close() {
        sink.close();
    }
}
