package smtpd.core.proc;

/// A peer could not be asked: it is down, died meanwhile, or took too long. To whoever waits: not
/// now.
public final class PeerLost extends Exception {
    private static final long serialVersionUID = 1L;

    /// @param peer the process that was asked
    /// @param why what happened
    public PeerLost(Role peer, String why) {
        super(peer.word() + ": " + why);
    }
}
