package smtpd.scheduler;

/// How much of a queue is in memory at a time when the rest is on a shelf.
///
/// @param perType envelopes of one delivery type, at least 1
/// @param perDestination envelopes of one destination, at least 1
/// @param perFailing envelopes of a destination where nothing gets through, at least 1
/// @param ending envelopes about to be removed or expired, at least 1
record Capacity(int perType, int perDestination, int perFailing, int ending) {
    /// At about 180 bytes for each, at most 50 MB. A destination has several times what it may have
    /// in flight ([Shares#FAILING_MAX], and a batch of 1,000), so that it never waits for the disk.
    static final Capacity DEFAULT = new Capacity(100_000, 2_000, 200, 10_000);

    /// What a destination may have of what is free, so that however many destinations have a
    /// backlog there is room for another.
    private static final int PARTS = 8;

    /// How many envelopes a destination may have in memory.
    ///
    /// @param failing whether nothing gets through to it
    /// @param has how many it has
    /// @param all how many there are of its type
    int share(boolean failing, int has, int all) {
        int free = Math.max(0, perType - (all - has));
        return Math.min(failing ? perFailing : perDestination, Math.max(1, free / PARTS));
    }
}
