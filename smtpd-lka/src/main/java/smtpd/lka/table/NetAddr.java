package smtpd.lka.table;

import java.util.Arrays;
import java.util.Optional;

/// A literal network: an IPv4 or IPv6 address and the number of its leading bits that count.
///
/// Read without any name lookup. An IPv4-mapped IPv6 address is the IPv4 address (RFC 4291
/// §2.5.5.2). Scoped addresses (`fe80::1%eth0`) are not literals of mail and are refused.
public final class NetAddr {
    private static final String IPV6_TAG = "ipv6:";

    private final byte[] bytes;
    private final int bits;

    private NetAddr(byte[] bytes, int bits) {
        this.bytes = bytes;
        this.bits = bits;
    }

    /// Reads `a.b.c.d`, `x:y::z`, either with `/bits`, in brackets or not, with the tag `IPv6:` of
    /// RFC 5321 §4.1.3 or not; empty for anything else.
    public static Optional<NetAddr> parse(String text) {
        String address = text;
        String length = "";
        int slash = text.indexOf('/');
        if (slash >= 0) {
            address = text.substring(0, slash);
            length = text.substring(slash + 1);
            if (!length.matches("[0-9]{1,3}")) {
                return Optional.empty();
            }
        }
        if (address.startsWith("[") && address.endsWith("]") && address.length() > 2) {
            address = address.substring(1, address.length() - 1);
        }
        boolean tagged = address.regionMatches(true, 0, IPV6_TAG, 0, IPV6_TAG.length());
        byte[] bytes = tagged ? v6(address.substring(IPV6_TAG.length())) : any(address);
        if (bytes.length == 0) {
            return Optional.empty();
        }
        return sized(bytes, length);
    }

    /// The address of 4 or 16 bytes in network order; empty for other lengths.
    public static Optional<NetAddr> of(byte[] address) {
        return address.length == 4 || address.length == 16 ? sized(address, "") : Optional.empty();
    }

    private static Optional<NetAddr> sized(byte[] bytes, String length) {
        int width = bytes.length * 8;
        int bits = length.isEmpty() ? width : Integer.parseInt(length);
        if (bits > width) {
            return Optional.empty();
        }
        if (isMapped(bytes) && bits >= 96) {
            return Optional.of(masked(Arrays.copyOfRange(bytes, 12, 16), bits - 96));
        }
        return Optional.of(masked(bytes, bits));
    }

    private static byte[] any(String text) {
        return text.indexOf(':') >= 0 ? v6(text) : v4(text);
    }

    private static byte[] v4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return new byte[0];
        }
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            if (!parts[i].matches("[0-9]{1,3}") || Integer.parseInt(parts[i]) > 255) {
                return new byte[0];
            }
            bytes[i] = (byte) Integer.parseInt(parts[i]);
        }
        return bytes;
    }

    /// RFC 4291 §2.2: eight groups, one run of zeros may be `::`, the last 32 bits may be dotted.
    private static byte[] v6(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            byte[] whole = groups(text);
            return whole.length == 16 ? whole : new byte[0];
        }
        String before = text.substring(0, gap);
        String after = text.substring(gap + 2);
        byte[] head = groups(before);
        byte[] tail = groups(after);
        boolean broken =
                (head.length == 0 && !before.isEmpty()) || (tail.length == 0 && !after.isEmpty());
        if (broken || head.length + tail.length > 14 || before.indexOf('.') >= 0) {
            return new byte[0];
        }
        byte[] bytes = new byte[16];
        System.arraycopy(head, 0, bytes, 0, head.length);
        System.arraycopy(tail, 0, bytes, 16 - tail.length, tail.length);
        return bytes;
    }

    private static byte[] groups(String text) {
        if (text.isEmpty()) {
            return new byte[0];
        }
        String[] parts = text.split(":", -1);
        byte[] bytes = new byte[18];
        int length = 0;
        for (int i = 0; i < parts.length; i++) {
            boolean dotted = parts[i].indexOf('.') >= 0;
            byte[] group = dotted && i == parts.length - 1 ? v4(parts[i]) : group(parts[i]);
            if (group.length == 0 || length + group.length > 16) {
                return new byte[0];
            }
            System.arraycopy(group, 0, bytes, length, group.length);
            length += group.length;
        }
        return Arrays.copyOf(bytes, length);
    }

    private static byte[] group(String text) {
        if (!text.matches("[0-9A-Fa-f]{1,4}")) {
            return new byte[0];
        }
        int value = Integer.parseInt(text, 16);
        return new byte[] {(byte) (value >> 8), (byte) value};
    }

    private static boolean isMapped(byte[] bytes) {
        return bytes.length == 16
                && Arrays.equals(bytes, 0, 10, new byte[10], 0, 10)
                && bytes[10] == (byte) 0xff
                && bytes[11] == (byte) 0xff;
    }

    private static NetAddr masked(byte[] bytes, int bits) {
        byte[] kept = bytes.clone();
        for (int i = 0; i < kept.length; i++) {
            int left = bits - i * 8;
            if (left < 8) {
                kept[i] = left <= 0 ? 0 : (byte) (kept[i] & (0xff << (8 - left)));
            }
        }
        return new NetAddr(kept, bits);
    }

    /// The network of this address that has `length` leading bits; `length` from 0 to [#bits()].
    NetAddr shortenedTo(int length) {
        return masked(bytes, length);
    }

    /// Leading bits that count.
    public int bits() {
        return bits;
    }

    /// Whether this is one address and not a larger network.
    public boolean isHost() {
        return bits == bytes.length * 8;
    }

    /// Whether it is IPv4.
    public boolean isV4() {
        return bytes.length == 4;
    }

    /// The address in network order: 4 or 16 bytes.
    public byte[] toByteArray() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NetAddr that
                && bits == that.bits
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes) * 31 + bits;
    }

    /// The address in its shortest form (RFC 5952 §4), with `/bits` unless it is one host.
    @Override
    public String toString() {
        String address = isV4() ? dotted() : compressed();
        return isHost() ? address : address + "/" + bits;
    }

    private String dotted() {
        return (bytes[0] & 255)
                + "."
                + (bytes[1] & 255)
                + "."
                + (bytes[2] & 255)
                + "."
                + (bytes[3] & 255);
    }

    private String compressed() {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = ((bytes[2 * i] & 255) << 8) | (bytes[2 * i + 1] & 255);
        }
        int start = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                start = i;
                length = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += length - 1;
            } else {
                boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
                text.append(first ? "" : ":").append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    /// The labels of its reverse zone, `1.0.0.127.in-addr.arpa` (RFC 1035 §3.5, RFC 3596 §2.5).
    public String reverseName() {
        StringBuilder name = new StringBuilder();
        for (int i = bytes.length - 1; i >= 0; i--) {
            if (isV4()) {
                name.append(bytes[i] & 255).append('.');
            } else {
                name.append(Character.forDigit(bytes[i] & 15, 16)).append('.');
                name.append(Character.forDigit((bytes[i] >> 4) & 15, 16)).append('.');
            }
        }
        return name + (isV4() ? "in-addr.arpa" : "ip6.arpa");
    }
}
