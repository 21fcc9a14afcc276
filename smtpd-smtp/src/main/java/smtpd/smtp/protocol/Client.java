package smtpd.smtp.protocol;

/// Who is at the other end.
///
/// @param address its address without brackets, or [#LOCAL]
/// @param host its reverse name, or `<unknown>`; our own name for a local user
/// @param user the user it has proved to be; empty for none
public record Client(String address, String host, String user) {
    /// The address of a local user.
    public static final String LOCAL = "local";

    /// The host while it has not been looked up, and when it has no name.
    public static final String UNKNOWN = "<unknown>";

    /// A stranger from the network.
    public static Client at(String address) {
        return new Client(address, UNKNOWN, "");
    }

    /// A user of this machine, on the local socket of the server called `host`.
    public static Client local(String host, String user) {
        return new Client(LOCAL, host, user);
    }

    /// The same with its name.
    public Client named(String name) {
        return new Client(address, name, user);
    }

    /// The same, having proved to be `name`.
    public Client authenticated(String name) {
        return new Client(address, host, name);
    }

    /// Whether it is on the local socket.
    public boolean isLocal() {
        return address.equals(LOCAL);
    }

    /// Whether it counts as authenticated.
    public boolean isAuthenticated() {
        return !user.isEmpty() || isLocal();
    }

    /// Whether it is on this machine.
    public boolean isThisHost() {
        return isLocal() || address.startsWith("127.") || address.equals("::1");
    }

    /// `local`, `inet4` or `inet6`.
    public String family() {
        return isLocal() ? LOCAL : address.indexOf(':') >= 0 ? "inet6" : "inet4";
    }

    /// The address as logs show it: in brackets if it is IPv6.
    public String shown() {
        return address.indexOf(':') >= 0 ? "[" + address + "]" : address;
    }
}
