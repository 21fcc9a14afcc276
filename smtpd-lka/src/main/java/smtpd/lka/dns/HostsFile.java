package smtpd.lka.dns;

import smtpd.lka.table.NetAddr;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Names and addresses that need no DNS: the text of a hosts(5) file, and `localhost`.
public final class HostsFile {
    private static final String LOCALHOST = "localhost";

    private final Map<String, List<String>> addresses = new LinkedHashMap<>();
    private final Map<String, String> names = new LinkedHashMap<>();

    private HostsFile() {}

    /// Reads the text of a hosts(5) file; lines that are no entries do not count. `localhost` is
    /// 127.0.0.1 and ::1 where the file does not say so itself (RFC 6761 §6.3).
    public static HostsFile parse(String text) {
        HostsFile hosts = new HostsFile();
        for (String line : text.split("\n", -1)) {
            int comment = line.indexOf('#');
            String entry = (comment < 0 ? line : line.substring(0, comment)).strip();
            String[] words = entry.split("[ \t]+", -1);
            Optional<NetAddr> address = NetAddr.parse(words[0]).filter(NetAddr::isHost);
            if (address.isPresent()) {
                for (int i = 1; i < words.length; i++) {
                    hosts.add(address.get().toString(), words[i].toLowerCase(Locale.ROOT));
                }
            }
        }
        if (!hosts.addresses.containsKey(LOCALHOST)) {
            hosts.add("127.0.0.1", LOCALHOST);
            hosts.add("::1", LOCALHOST);
        }
        hosts.names.putIfAbsent("127.0.0.1", LOCALHOST);
        hosts.names.putIfAbsent("::1", LOCALHOST);
        return hosts;
    }

    private void add(String address, String name) {
        List<String> known = addresses.computeIfAbsent(name, _ -> new ArrayList<>());
        if (!known.contains(address)) {
            known.add(address);
        }
        names.putIfAbsent(address, name);
    }

    /// The addresses of a name; empty when it is not in the file.
    List<String> addresses(String name) {
        return addresses.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }

    /// The first name of an address; empty when it is not in the file.
    String name(NetAddr address) {
        return names.getOrDefault(address.toString(), "");
    }
}
