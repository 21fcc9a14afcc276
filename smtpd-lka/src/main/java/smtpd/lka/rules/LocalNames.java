package smtpd.lka.rules;

import smtpd.core.mail.Idna;
import smtpd.lka.table.NetAddr;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/// What this machine is called: the meaning of `from local` and `for local`.
///
/// Names are `localhost`, the host name, its first label (OpenSMTPD: adds that to
/// `<anydestination>`), and every interface address as it stands in a mail address: bare, `[a]`,
/// and `[IPv6:a]`. Loopback addresses are always ours.
public final class LocalNames {
    /// The first octet of IPv4 loopback addresses (RFC 1122 §3.2.1.3).
    private static final byte LOOPBACK4 = 127;

    private static final String LOOPBACK6 = "::1";

    private final Set<String> names = new LinkedHashSet<>();
    private final Set<NetAddr> addresses = new LinkedHashSet<>();

    /// @param hostname the server's name
    /// @param more further names and address literals of this machine
    /// @param interfaces literal addresses of this machine's interfaces
    public LocalNames(String hostname, Collection<String> more, Collection<String> interfaces) {
        String name = Idna.key(hostname);
        names.add("localhost");
        names.add(name);
        names.add(name.split("\\.", 2)[0]);
        more.forEach(one -> names.add(Idna.key(one)));
        NetAddr.parse(LOOPBACK6).ifPresent(addresses::add);
        for (String text : interfaces) {
            NetAddr.parse(text).filter(NetAddr::isHost).ifPresent(addresses::add);
        }
    }

    /// Whether a recipient's domain means this machine.
    public boolean isName(String domain) {
        if (names.contains(Idna.key(domain))) {
            return true;
        }
        return NetAddr.parse(domain).filter(this::isOurs).isPresent();
    }

    /// Whether a client's address is one of this machine's; `local` is the socket.
    public boolean isAddress(String address) {
        return address.equals("local") || NetAddr.parse(address).filter(this::isOurs).isPresent();
    }

    private boolean isOurs(NetAddr address) {
        if (!address.isHost()) {
            return false;
        }
        return addresses.contains(address)
                || (address.isV4() && address.toByteArray()[0] == LOOPBACK4);
    }
}
