package smtpd.filter.dnsbl;

import java.net.InetAddress;
import java.util.List;

/// Addresses that begin alike.
record Network(InetAddress address, int bits) {
    /// Where no list has anything to say: this machine, private networks, links.
    static final List<Network> PRIVATE =
            List.of(
                    read("127.0.0.0/8"),
                    read("10.0.0.0/8"),
                    read("172.16.0.0/12"),
                    read("192.168.0.0/16"),
                    read("169.254.0.0/16"),
                    read("::1"),
                    read("fc00::/7"),
                    read("fe80::/10"));

    private static final int BYTE = 0xff;

    /// Reads `192.0.2.0/24` or `2001:db8::1`.
    ///
    /// @throws IllegalArgumentException if it is not like that
    static Network read(String text) {
        int slash = text.indexOf('/');
        InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int all = address.getAddress().length * Byte.SIZE;
        int bits = slash < 0 ? all : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > all) {
            throw new IllegalArgumentException("not a network: " + text);
        }
        return new Network(address, bits);
    }

    boolean contains(InetAddress other) {
        byte[] mine = address.getAddress();
        byte[] theirs = other.getAddress();
        if (mine.length != theirs.length) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (mine[i] != theirs[i]) {
                return false;
            }
        }
        int rest = bits % Byte.SIZE;
        return rest == 0 || ((mine[whole] ^ theirs[whole]) & BYTE) >> (Byte.SIZE - rest) == 0;
    }
}
