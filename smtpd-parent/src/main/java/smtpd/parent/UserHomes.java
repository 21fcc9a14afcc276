package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.TableConf;
import smtpd.core.table.DbFile;
import smtpd.core.table.TableText;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/// The directories in which the homes of a userbase lie now: those above the homes, so that users
/// who are added later find theirs.
final class UserHomes {
    private static final Logger LOG = LoggerFactory.getLogger(UserHomes.class);

    /// uid, gid, home.
    private static final int PARTS = 3;

    /// Where the home is in a line of passwd(5).
    private static final int PASSWD_HOME = 5;

    private UserHomes() {}

    /// Empty for a userbase that only lka can read, which is said in the log.
    static Set<Path> above(TableConf userbase) {
        Set<Path> found = new LinkedHashSet<>();
        try {
            switch (userbase) {
                case TableConf.FileTable it -> file(Path.of(it.path()), found);
                case TableConf.DbTable it -> db(Path.of(it.path()), found);
                case TableConf.BackendTable it when it.backend().equals("passwd") ->
                        passwd(Path.of(it.path()), found);
                case TableConf.BackendTable it when it.backend().equals("getpwnam") -> {}
                case TableConf.BackendTable it ->
                        LOG.info(
                                "info: table {}: homes are found below /home, /var/vmail,"
                                        + " /srv/vmail, /srv/mail and /var/mail only",
                                it.name());
                case TableConf.StaticList _, TableConf.StaticMap _ -> {}
            }
        } catch (IOException | TableText.Malformed e) {
            LOG.warn("warn: table {}: homes: {}", userbase.name(), e.getMessage());
        }
        return found;
    }

    private static void file(Path file, Set<Path> found) throws IOException, TableText.Malformed {
        try (InputStream in = Files.newInputStream(file)) {
            TableText.read(in, (key, value) -> value(value, found));
        }
    }

    private static void db(Path file, Set<Path> found) throws IOException {
        try (DbFile db = DbFile.open(file)) {
            db.walk((place, key) -> value(db.value(place), found));
        }
    }

    private static void passwd(Path file, Set<Path> found) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] fields = line.split(":", -1);
                if (!line.startsWith("#") && fields.length > PASSWD_HOME) {
                    add(fields[PASSWD_HOME], found);
                }
            }
        }
    }

    private static void value(String value, Set<Path> found) {
        String[] parts = value.split(":", PARTS);
        if (parts.length == PARTS) {
            add(parts[PARTS - 1].strip(), found);
        }
    }

    /// The directory above, unless that would be all directories.
    private static void add(String home, Set<Path> found) {
        if (!home.startsWith("/")) {
            return;
        }
        Path path = Path.of(home).normalize();
        Path above = path.getParent();
        found.add(above == null || above.getNameCount() == 0 ? path : above);
    }
}
