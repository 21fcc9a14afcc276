package smtpd.smtp;

import java.net.Inet6Address;
import java.net.InetAddress;

/// Addresses as text in their shortest form (RFC 5952 §4), without a zone.
final class AddressText {
    private static final int GROUPS = 8;

    private AddressText() {}

    static String of(InetAddress address) {
        return address instanceof Inet6Address
                ? ipv6(address.getAddress())
                : address.getHostAddress();
    }

    private static String ipv6(byte[] bytes) {
        int[] groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        int gap = -1;
        int gapLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int length = zeros(groups, i);
            if (length > gapLength) {
                gap = i;
                gapLength = length;
            }
        }
        if (gap < 0) {
            return joined(groups, 0, GROUPS);
        }
        return joined(groups, 0, gap) + "::" + joined(groups, gap + gapLength, GROUPS);
    }

    private static int zeros(int[] groups, int from) {
        int at = from;
        while (at < GROUPS && groups[at] == 0) {
            at++;
        }
        return at - from;
    }

    private static String joined(int[] groups, int from, int to) {
        StringBuilder out = new StringBuilder(40);
        for (int i = from; i < to; i++) {
            out.append(i == from ? "" : ":").append(Integer.toHexString(groups[i]));
        }
        return out.toString();
    }
}
