package smtpd.mta;

/// What two sessions must have in common to be interchangeable.
///
/// @param source the local address; empty for any
/// @param address the remote host's literal address
/// @param port the remote port
/// @param scheme protocol and security: mail that needs more never meets a session with less
/// @param helo how we present ourselves
public record RouteKey(String source, String address, int port, Scheme scheme, Helo helo)
        implements Comparable<RouteKey> {

    /// How we present ourselves.
    ///
    /// @param name the HELO name
    /// @param table `helo-src`: asked for the name by local address; empty for none
    public record Helo(String name, String table) {}

    /// The address in brackets if it is IPv6, with the port.
    public String place() {
        return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port;
    }

    @Override
    public int compareTo(RouteKey other) {
        return toString().compareTo(other.toString());
    }
}
