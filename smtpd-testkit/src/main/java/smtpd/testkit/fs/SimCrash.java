package smtpd.testkit.fs;

/// The machine died in the middle of a file operation; thrown through everything above it.
public final class SimCrash extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Died in call number `call`.
    public SimCrash(long call) {
        super("crash in call " + call);
    }
}
