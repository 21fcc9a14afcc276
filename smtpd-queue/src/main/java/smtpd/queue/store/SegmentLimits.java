package smtpd.queue.store;

/// The sizes a segment log works with.
///
/// @param segmentSize a segment of at least this many bytes takes no more records; up to 512 MB
/// @param copyPercent a full segment with less than this share of `segmentSize` in use is given up,
///   what is left in it copied
/// @param freeBytes new messages are refused while fewer bytes are free
/// @param freePercent and while a smaller share of the file system is free
public record SegmentLimits(int segmentSize, int copyPercent, long freeBytes, int freePercent) {
    /// 64 MB segments, given up under a quarter; two segments' room (one to write, one to copy to)
    /// and one percent stay free for removals and updates.
    public static final SegmentLimits DEFAULT =
            new SegmentLimits(64 * 1024 * 1024, 25, 128L * 1024 * 1024, 1);

    private static final int SEGMENT_SIZE_MAX = 512 * 1024 * 1024;

    /// Refuses sizes whose offsets could pass 31 bits.
    public SegmentLimits {
        if (segmentSize < 1 || segmentSize > SEGMENT_SIZE_MAX) {
            throw new IllegalArgumentException("segment size " + segmentSize);
        }
    }
}
