package smtpd.smtp.proxy;

import smtpd.core.smtp.Domains;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Set;

/// Reads the header that a proxy sends in front of what its client says (The PROXY protocol,
/// versions 1 and 2, by HAProxy): exactly its octets, and never more than [#MAX].
public final class ProxyHeader {
    /// Octets of a header of version 2 with extensions: certificates of clients fit, and nobody
    /// makes us read for long.
    public static final int MAX = 4096;

    /// Octets of a header of version 1 with its line end (The PROXY protocol §2.1).
    private static final int TEXT_MAX = 107;

    private static final byte[] SIGNATURE = {
        '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'
    };

    /// Signature, version and command, family, length.
    private static final int HEAD = 16;

    private static final int INET4 = 12;
    private static final int INET6 = 36;
    private static final int UNIX = 216;

    private ProxyHeader() {}

    /// A form of header.
    public enum Version {
        /// A line of text.
        TEXT,
        /// Binary.
        BINARY
    }

    /// What a header says.
    public sealed interface Result {
        /// The client's end of its connection, and the one it connected to.
        record Announced(Point client, Point server) implements Result {}

        /// The proxy speaks for itself, or does not say for whom: the connection is what it is.
        record Own() implements Result {}

        /// It is no header.
        ///
        /// @param reason for the log
        record Malformed(String reason) implements Result {}
    }

    /// An end of a connection.
    public record Point(InetAddress address, int port) {}

    /// Reads a header; blocks.
    ///
    /// @param versions those to be understood
    public static Result read(InputStream in, Set<Version> versions) throws IOException {
        int first = in.read();
        if (first == 'P' && versions.contains(Version.TEXT)) {
            return text(in);
        }
        if (first == SIGNATURE[0] && versions.contains(Version.BINARY)) {
            return binary(in);
        }
        return new Result.Malformed(first < 0 ? "closed" : "no header");
    }

    private static Result text(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder("P");
        int c;
        while ((c = in.read()) != '\n') {
            if (c < 0 || c == 0 || c >= 0x7f || line.length() == TEXT_MAX - 1) {
                return new Result.Malformed(c < 0 ? "closed" : "no line");
            }
            line.append((char) c);
        }
        if (line.charAt(line.length() - 1) != '\r') {
            return new Result.Malformed("no line");
        }
        String[] words = line.substring(0, line.length() - 1).split(" ", -1);
        if (words.length < 2 || !words[0].equals("PROXY")) {
            return new Result.Malformed("no header");
        }
        return switch (words[1]) {
            // what follows UNKNOWN is not to be looked at (The PROXY protocol §2.1)
            case "UNKNOWN" -> new Result.Own();
            case "TCP4" -> announced(words, Domains::isIpv4);
            case "TCP6" -> announced(words, Domains::isIpv6);
            default -> new Result.Malformed("unknown family");
        };
    }

    private interface Form {
        boolean fits(String address);
    }

    private static Result announced(String[] words, Form form) {
        if (words.length != 6 || !form.fits(words[2]) || !form.fits(words[3])) {
            return new Result.Malformed("bad address");
        }
        int from = port(words[4]);
        int to = port(words[5]);
        return from < 0 || to < 0
                ? new Result.Malformed("bad port")
                : new Result.Announced(
                        new Point(InetAddress.ofLiteral(words[2]), from),
                        new Point(InetAddress.ofLiteral(words[3]), to));
    }

    private static int port(String text) {
        boolean number =
                text.length() <= 5
                        && !text.isEmpty()
                        && text.chars().allMatch(c -> c >= '0' && c <= '9')
                        && (text.length() == 1 || text.charAt(0) != '0');
        int port = number ? Integer.parseInt(text) : -1;
        return port <= 0xffff ? port : -1;
    }

    private static Result binary(InputStream in) throws IOException {
        byte[] head = new byte[HEAD];
        head[0] = SIGNATURE[0];
        if (in.readNBytes(head, 1, HEAD - 1) < HEAD - 1) {
            return new Result.Malformed("closed");
        }
        if (!Arrays.equals(head, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
            return new Result.Malformed("no header");
        }
        int length = u16(head, 14);
        if (length > MAX - HEAD) {
            return new Result.Malformed("too long");
        }
        byte[] rest = in.readNBytes(length);
        if (rest.length < length) {
            return new Result.Malformed("closed");
        }
        return switch (head[12] & 0xff) {
            // LOCAL: a check of the proxy's own; addresses are not to be looked at
            case 0x20 -> new Result.Own();
            case 0x21 -> announced(head[13] & 0xff, rest);
            default -> new Result.Malformed("unknown version or command");
        };
    }

    /// What follows the addresses is skipped (The PROXY protocol §2.2: TLVs).
    private static Result announced(int family, byte[] rest) throws UnknownHostException {
        return switch (family) {
            case 0x11 -> inet(rest, 4, INET4);
            case 0x21 -> inet(rest, 16, INET6);
            // a socket of the proxy's machine has no address that rules could be about
            case 0x31 -> rest.length < UNIX ? SHORT : new Result.Own();
            case 0x00 -> new Result.Own();
            default -> new Result.Malformed("unknown family");
        };
    }

    private static final Result SHORT = new Result.Malformed("too short");

    private static Result inet(byte[] rest, int octets, int length) throws UnknownHostException {
        if (rest.length < length) {
            return SHORT;
        }
        return new Result.Announced(
                new Point(address(rest, 0, octets), u16(rest, 2 * octets)),
                new Point(address(rest, octets, octets), u16(rest, 2 * octets + 2)));
    }

    private static InetAddress address(byte[] bytes, int from, int octets)
            throws UnknownHostException {
        return InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + octets));
    }

    private static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }
}
