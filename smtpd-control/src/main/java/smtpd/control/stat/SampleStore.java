package smtpd.control.stat;

import java.io.IOException;
import java.util.List;

/// Where samples are kept. Used by one thread at a time.
interface SampleStore {
    /// The resolutions, finest first.
    List<Tier> tiers();

    /// A sample with the resolution it belongs to.
    record Kept(Tier tier, Sample sample) {}

    /// Keeps samples, each in place of what its step held before, and how the totals stand: all of
    /// it or nothing.
    ///
    /// @param samples in order; a later one replaces an earlier one of its step
    /// @param reading how everything stands
    void put(List<Kept> samples, Reading reading) throws IOException;

    /// The samples of steps that lie within bounds, in order. Steps nothing was kept of are absent.
    List<Sample> range(Tier tier, long first, long last) throws IOException;
}
