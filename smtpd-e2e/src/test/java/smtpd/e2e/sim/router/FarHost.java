package smtpd.e2e.sim.router;

/// Somebody else's server.
final class FarHost {
    final String address;
    final boolean forEver;
    private Manner manner;

    /// Connections it has now.
    int open;

    /// Connections and transactions it has seen.
    int connections;

    int transactions;

    /// How a server behaves.
    enum Manner {
        /// Takes everything, within a second.
        GOOD,
        /// Takes everything, in up to half a minute.
        SLOW,
        /// Refuses connections.
        DEAD,
        /// Never answers a connect.
        ABSENT,
        /// Greets whom it has a place for, others with 421.
        CROWDED,
        /// Says 421 after a few messages.
        TIRED,
        /// Takes a message and never answers.
        TARPIT,
        /// Loses connections at any point.
        FLAKY,
        /// Refuses most recipients for now.
        GREY,
        /// Refuses most recipients for good.
        CHOOSY
    }

    /// @param forEver whether it never becomes good
    FarHost(String address, Manner manner, boolean forEver) {
        this.address = address;
        this.manner = manner;
        this.forEver = forEver;
    }

    Manner manner() {
        return manner;
    }

    void mend() {
        if (!forEver) {
            manner = Manner.GOOD;
        }
    }
}
