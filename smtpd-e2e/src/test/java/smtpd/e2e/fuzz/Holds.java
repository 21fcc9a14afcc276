package smtpd.e2e.fuzz;

/// What a fuzz target found not to hold.
final class Holds {
    private Holds() {}

    /// @throws IllegalStateException saying what, unless it holds
    static void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException(what);
        }
    }
}
