package smtpd.parent;

import smtpd.core.conf.Config;
import smtpd.core.proc.Paths;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Finds out about this machine what the processes need to know and cannot see.
final class Machine {
    private Machine() {}

    static Slices.Machine find(Config config, Paths paths, boolean root) throws IOException {
        List<String> addresses = addresses();
        return new Slices.Machine(
                names(config.settings().hostname(), addresses),
                addresses,
                NameServers.read(paths.resolvConf()),
                PkiFiles.read(config),
                anchors(config),
                root);
    }

    /// `localhost`, the server's name, its short form, and every address as a literal.
    private static List<String> names(String hostname, List<String> addresses) {
        Set<String> names = new LinkedHashSet<>(List.of("localhost", hostname));
        int dot = hostname.indexOf('.');
        if (dot > 0) {
            names.add(hostname.substring(0, dot));
        }
        for (String address : addresses) {
            names.add("[" + (address.indexOf(':') >= 0 ? "IPv6:" : "") + address + "]");
        }
        return List.copyOf(names);
    }

    private static List<String> addresses() throws SocketException {
        List<String> addresses = new ArrayList<>();
        for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress address : Collections.list(each.getInetAddresses())) {
                String text = address.getHostAddress();
                int scope = text.indexOf('%');
                addresses.add(scope < 0 ? text : text.substring(0, scope));
            }
        }
        return List.copyOf(addresses);
    }

    private static String anchors(Config config) throws IOException {
        String file = config.settings().peers().anchors();
        return file.isEmpty() ? "" : Files.readString(Path.of(file), StandardCharsets.US_ASCII);
    }
}
