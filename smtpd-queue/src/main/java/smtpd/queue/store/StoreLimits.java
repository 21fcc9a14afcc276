package smtpd.queue.store;

/// The sizes a store works with; those of segments and of the index mean the segment log only.
///
/// @param segmentSize a segment of at least this many bytes takes no more records; up to 512 MB
/// @param copyPercent a full segment with less than this share of `segmentSize` in use is given up,
///   what is left in it copied
/// @param freeBytes new messages are refused while fewer bytes are free
/// @param freePercent and while a smaller share of the file system is free
/// @param indexBytes new messages are refused while what is known of those in the store takes more
///   memory; a store that would take [#START_FACTOR] times as much is not opened
public record StoreLimits(
        int segmentSize, int copyPercent, long freeBytes, int freePercent, long indexBytes) {
    /// What an index takes at most beyond the bound for new messages: from there on the heap is
    /// full, with what else is in it.
    static final double START_FACTOR = 1.25;

    /// The part of the heap that an index may take: what lives long has two thirds of it, and a
    /// walk over the index another twelfth of that of its own.
    private static final double INDEX_SHARE = 0.45;

    /// 64 MB segments, given up under a quarter; two segments' room (one to write, one to copy to)
    /// and one percent stay free for removals and updates; the index has its share of this
    /// process's heap.
    public static final StoreLimits DEFAULT =
            new StoreLimits(
                    64 * 1024 * 1024,
                    25,
                    128L * 1024 * 1024,
                    1,
                    (long) (Runtime.getRuntime().maxMemory() * INDEX_SHARE));

    /// Limits without one for the index.
    public StoreLimits(int segmentSize, int copyPercent, long freeBytes, int freePercent) {
        this(segmentSize, copyPercent, freeBytes, freePercent, Long.MAX_VALUE);
    }

    /// Most bytes of an index that is built at start.
    long startBytes() {
        return indexBytes > Long.MAX_VALUE / 2
                ? Long.MAX_VALUE
                : (long) (indexBytes * START_FACTOR);
    }

    private static final int SEGMENT_SIZE_MAX = 512 * 1024 * 1024;

    /// Refuses sizes whose offsets could pass 31 bits.
    public StoreLimits {
        if (segmentSize < 1 || segmentSize > SEGMENT_SIZE_MAX) {
            throw new IllegalArgumentException("segment size " + segmentSize);
        }
    }
}
