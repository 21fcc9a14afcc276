package smtpd.mta;

/// What two sessions must have in common to be interchangeable: mail never meets a session that
/// promises it less than it is owed, shows another face, or logs in as somebody else.
///
/// @param source the local address; empty for any
/// @param address the remote host's literal address
/// @param port the remote port
/// @param scheme protocol
/// @param helo how we present ourselves
/// @param tls the terms of encryption
/// @param login as whom we log in
/// @param filter the filter or chain that hears of its sessions; empty for none
public record RouteKey(
        String source,
        String address,
        int port,
        Scheme scheme,
        Helo helo,
        TlsTerms tls,
        Login login,
        String filter)
        implements Comparable<RouteKey> {

    /// How we present ourselves.
    ///
    /// @param name the HELO name
    /// @param table `helo-src`: asked for the name by local address; empty for none
    public record Helo(String name, String table) {}

    /// As whom we log in.
    ///
    /// @param table has the credentials
    /// @param label names them; empty not to log in
    public record Login(String table, String label) {
        /// Not at all.
        public static final Login NONE = new Login("", "");

        /// Whether there is anybody to log in as.
        boolean isWanted() {
            return !label.isEmpty();
        }
    }

    /// A route of which no filter hears.
    public RouteKey(
            String source,
            String address,
            int port,
            Scheme scheme,
            Helo helo,
            TlsTerms tls,
            Login login) {
        this(source, address, port, scheme, helo, tls, login, "");
    }

    /// A route on the terms of its scheme alone, where those name no certificate.
    public RouteKey(String source, String address, int port, Scheme scheme, Helo helo) {
        this(source, address, port, scheme, helo, terms(scheme, address), Login.NONE);
    }

    private static TlsTerms terms(Scheme scheme, String address) {
        return TlsTerms.of(
                switch (scheme.security()) {
                    case NONE -> new TlsPolicy.Clear();
                    case OPPORTUNISTIC -> new TlsPolicy.Opportunistic();
                    case REQUIRED -> new TlsPolicy.Encrypted(TlsPolicy.Origin.ACTION);
                    case VERIFIED ->
                            new TlsPolicy.Verified(
                                    TlsPolicy.Origin.ACTION, java.util.List.of(address));
                });
    }

    /// The address in brackets if it is IPv6, with the port.
    public String place() {
        return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port;
    }

    @Override
    public int compareTo(RouteKey other) {
        return toString().compareTo(other.toString());
    }
}
