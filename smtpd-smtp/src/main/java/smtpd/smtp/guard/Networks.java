package smtpd.smtp.guard;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/// Whom an address belongs to.
final class Networks {
    /// Octets of a network: /24, what a small provider has, and /64, the least anybody has.
    private static final int OCTETS_4 = 3;

    private static final int OCTETS_6 = 8;

    private Networks() {}

    /// The name under which a client is counted: an IPv4 address, or a network of IPv6, in which
    /// one client has all addresses.
    ///
    /// @param address a literal without brackets
    static String client(String address) {
        return InetAddress.ofLiteral(address) instanceof Inet4Address ? address : of(address);
    }

    /// The name of its network.
    static String of(String address) {
        byte[] bytes = InetAddress.ofLiteral(address).getAddress();
        int octets = bytes.length == 4 ? OCTETS_4 : OCTETS_6;
        return HexFormat.of().formatHex(Arrays.copyOf(bytes, octets));
    }
}
