package smtpd.control.stat;

import java.util.Arrays;

/// How long something took, many times: a count of observations for each of 608 ranges that grow
/// with the duration, so that a percentile is right to within one part in 16.
///
/// Below 32 µs each microsecond has its own range; from there each doubling is cut into 16. What is
/// longer than [#MAX] counts as that.
public final class Distribution {
    /// Ranges in each doubling.
    private static final int PARTS = 16;

    private static final int PART_BITS = 4;

    /// Longest duration told apart, in microseconds: almost 13 days, longer than a message lives.
    static final long MAX = (1L << 40) - 1;

    private static final int RANGES = range(MAX) + 1;

    private final long[] counts;
    private long count;
    private long sum;
    private long most;

    Distribution() {
        counts = new long[RANGES];
    }

    private Distribution(Distribution other) {
        counts = other.counts.clone();
        count = other.count;
        sum = other.sum;
        most = other.most;
    }

    private static int range(long micros) {
        if (micros < PARTS) {
            return (int) micros;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(micros) - PART_BITS;
        return shift * PARTS + (int) (micros >> shift);
    }

    /// The longest duration of a range.
    private static long upper(int range) {
        if (range < 2 * PARTS) {
            return range;
        }
        int shift = range / PARTS - 1;
        return ((range % PARTS + PARTS + 1L) << shift) - 1;
    }

    /// Adds an observation; one below 0 counts as 0.
    void add(long micros) {
        long kept = Math.clamp(micros, 0, MAX);
        counts[range(kept)]++;
        count++;
        sum += kept;
        most = Math.max(most, kept);
    }

    /// As it stands now.
    Distribution copy() {
        return new Distribution(this);
    }

    /// Observations.
    public long count() {
        return count;
    }

    /// All of them together, in microseconds.
    long sum() {
        return sum;
    }

    /// The longest, in microseconds.
    long most() {
        return most;
    }

    /// The duration that `share` of all observations do not exceed, in microseconds; 0 without any.
    ///
    /// @param share more than 0, at most 1
    public long percentile(double share) {
        long wanted = (long) Math.ceil(share * count);
        long seen = 0;
        for (int range = 0; range < RANGES; range++) {
            seen += counts[range];
            if (seen >= wanted && seen > 0) {
                return Math.min(upper(range), most);
            }
        }
        return 0;
    }

    /// A form to be stored.
    byte[] encode() {
        Varint.Out out = new Varint.Out();
        out.put(sum).put(most);
        int before = 0;
        for (int range = 0; range < RANGES; range++) {
            if (counts[range] > 0) {
                out.put(range - before).put(counts[range]);
                before = range;
            }
        }
        return out.toByteArray();
    }

    /// Reads the stored form.
    ///
    /// @throws IllegalArgumentException if it is none
    static Distribution decode(byte[] bytes) {
        Varint.In in = new Varint.In(bytes);
        Distribution read = new Distribution();
        read.sum = in.next();
        read.most = in.next();
        int range = 0;
        while (in.hasNext()) {
            range += Math.toIntExact(in.next());
            if (range >= RANGES) {
                throw new IllegalArgumentException("range " + range);
            }
            read.counts[range] = in.next();
            read.count += read.counts[range];
        }
        return read;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Distribution it
                && sum == it.sum
                && most == it.most
                && Arrays.equals(counts, it.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts);
    }
}
