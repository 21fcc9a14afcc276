package smtpd.parent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The name servers of resolv.conf(5), where a server may also be written `address:port` or
/// `[address]:port`.
final class NameServers {
    /// More than the usual three are of no use.
    private static final int MAX = 3;

    private NameServers() {}

    /// The servers named in a file; this machine's own when there is no such file.
    static List<String> read(Path resolvConf) {
        try {
            return parse(Files.readAllLines(resolvConf));
        } catch (IOException e) {
            return List.of("127.0.0.1");
        }
    }

    static List<String> parse(List<String> lines) {
        List<String> servers = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.strip().split("\\s+", 3);
            if (words.length >= 2 && words[0].equals("nameserver") && servers.size() < MAX) {
                servers.add(words[1]);
            }
        }
        return servers.isEmpty() ? List.of("127.0.0.1") : List.copyOf(servers);
    }

    /// The port written after an address, if there is one.
    static Optional<Integer> port(String server) {
        int colon = server.lastIndexOf(':');
        boolean written =
                server.startsWith("[")
                        ? server.indexOf("]:") > 0
                        : server.indexOf(':') == colon && colon > 0;
        try {
            return written
                    ? Optional.of(Integer.valueOf(server.substring(colon + 1)))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
