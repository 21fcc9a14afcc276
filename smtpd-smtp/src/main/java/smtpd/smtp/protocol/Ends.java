package smtpd.smtp.protocol;

/// Where a connection begins and ends: as a proxy announced it, or as the system knows it.
///
/// @param remote the client's
/// @param local ours
public record Ends(Point remote, Point local) {
    /// Of a session on the local socket.
    public static final Ends NONE =
            new Ends(new Point(Client.LOCAL, 0), new Point(Client.LOCAL, 0));

    /// An end.
    ///
    /// @param address without brackets
    /// @param port 0 for none
    public record Point(String address, int port) {}
}
