package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.Config;
import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.TableConf;
import smtpd.core.proc.Paths;
import smtpd.core.sys.Credentials;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The directories that mailboxes can lie in, which are all that mda may touch: homes, the mail
/// directory, and the fixed beginning of every maildir path in the configuration.
final class MailPlaces {
    private static final Logger LOG = LoggerFactory.getLogger(MailPlaces.class);

    private static final Path PASSWD = Path.of("/etc/passwd");

    /// Where users that are no users of the system are by custom: for userbases whose homes cannot
    /// be known at the start, databases and programs.
    private static final List<Path> VIRTUAL =
            List.of(Path.of("/var/vmail"), Path.of("/srv/vmail"), Path.of("/srv/mail"));

    private MailPlaces() {}

    static List<Path> of(Config config, Paths paths) {
        Set<Path> places = new LinkedHashSet<>();
        places.add(Path.of("/home"));
        VIRTUAL.forEach(places::add);
        places.add(Path.of("/var/mail"));
        places.add(Path.of("/var/spool/mail"));
        places.add(paths.spool().resolve("../../mail").normalize());
        homes().forEach(places::add);
        for (Dispatcher dispatcher : config.routing().dispatchers().values()) {
            if (dispatcher instanceof Dispatcher.Local local) {
                add(config, local, places);
            }
        }
        return places.stream().filter(Files::isDirectory).toList();
    }

    private static void add(Config config, Dispatcher.Local local, Set<Path> places) {
        if (local.method() instanceof Dispatcher.Method.Maildir(String path, boolean _)
                && path.startsWith("/")) {
            places.add(existing(fixedPart(path)));
        }
        TableConf userbase = config.tables().get(local.users().userbase());
        if (userbase instanceof TableConf.StaticMap map) {
            for (String value : map.entries().values()) {
                places.add(Path.of(value.substring(value.lastIndexOf(':') + 1)));
            }
        } else if (userbase != null) {
            UserHomes.above(userbase).forEach(places::add);
        }
    }

    /// The path up to the first component with a format specifier.
    private static Path fixedPart(String path) {
        int specifier = path.indexOf("%{");
        if (specifier < 0) {
            return Path.of(path);
        }
        return Path.of(path.substring(0, Math.max(1, path.lastIndexOf('/', specifier))));
    }

    /// The path, or the nearest directory above it that exists, where it will be made.
    private static Path existing(Path path) {
        Path at = path;
        while (!Files.isDirectory(at) && at.getParent() != null) {
            at = at.getParent();
        }
        return at;
    }

    /// Homes outside `/home` of users who can log in, and of whoever runs us without being root.
    private static List<Path> homes() {
        List<Path> homes = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(PASSWD)) {
                String[] fields = line.split(":", -1);
                if (fields.length == 7 && mayLogIn(fields)) {
                    homes.add(Path.of(fields[5]));
                }
            }
        } catch (IOException e) {
            LOG.warn("warn: {}: {}", PASSWD, e.getMessage());
        }
        if (Credentials.effectiveUid() != 0) {
            homes.add(Path.of(System.getProperty("user.home")));
        }
        return homes;
    }

    private static boolean mayLogIn(String[] fields) {
        boolean root = fields[2].equals("0");
        boolean shell = !fields[6].endsWith("/nologin") && !fields[6].endsWith("/false");
        return !root && shell && fields[5].startsWith("/") && Path.of(fields[5]).getNameCount() > 1;
    }
}
