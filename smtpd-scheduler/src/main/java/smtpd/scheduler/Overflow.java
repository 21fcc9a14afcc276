package smtpd.scheduler;

/// Where a run queue in memory leaves envelopes that only wait.
interface Overflow {
    /// There is none: everything stays.
    Overflow NONE =
            new Overflow() {
                @Override
                public boolean takes(Entry entry, boolean ready, long expiry) {
                    return false;
                }

                @Override
                public void left(Destination destination) {}
            };

    /// Takes a pending envelope, which the run queue then forgets.
    ///
    /// @param ready whether it is due
    /// @param expiry when its time is over
    /// @return false if it stays
    boolean takes(Entry entry, boolean ready, long expiry);

    /// An envelope for a destination has left the run queue, however.
    void left(Destination destination);
}
