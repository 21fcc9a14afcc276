package smtpd.e2e.filters;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.TestDns;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// As whom filter programs run, and what they see, in a daemon that root has started.
class FilterRightsTest {
    private static final String PROGRAM =
            """
            #!/bin/sh
            echo "I am $(id -u):$(id -g), in groups $(id -G), in $(pwd), and see $(echo /*)" >&2
            while read -r line
            do
                case $line in
                "config|ready")
                    echo "register|filter|smtp-in|ehlo"
                    echo "register|ready"
                    ;;
                filter*)
                    answer=${line#*|*|*|*|*|}
                    echo "filter-result|${answer%|*}|reject|550 5.7.1 by NAME"
                    ;;
                esac
            done
            """;

    private static final Pattern PATH = Pattern.compile("(/\\S+)");

    private static Path program(Path at, String name) throws IOException {
        Files.writeString(at, PROGRAM.replace("NAME", name));
        Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxr-xr-x"));
        return at;
    }

    /// A directory with a shell and `id`, and nothing else.
    private static Path cage(FilterHouse house) throws Exception {
        Path cage = house.daemon().prefix().resolve("cage");
        for (String tool : List.of("/bin/sh", "/usr/bin/id")) {
            bring(Path.of(tool), cage);
            Process ldd = new ProcessBuilder("ldd", tool).redirectErrorStream(true).start();
            String libraries = new String(ldd.getInputStream().readAllBytes(), UTF_8);
            assumeTrue(
                    ldd.waitFor() == 0, "needs ldd, and tools that it understands: " + libraries);
            Matcher each = PATH.matcher(libraries);
            while (each.find()) {
                bring(Path.of(each.group(1)), cage);
            }
        }
        program(cage.resolve("filter"), "caged");
        return cage;
    }

    private static void bring(Path file, Path cage) throws IOException {
        Path to = cage.resolve(file.toString().substring(1));
        if (!Files.exists(to)) {
            Files.createDirectories(to.getParent());
            Files.copy(file, to);
            Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static int id(String file, String name) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields[0].equals(name))
                .map(fields -> Integer.parseInt(fields[2]))
                .findFirst()
                .orElse(-1);
    }

    private static void says(FilterHouse house, String text) throws IOException {
        Waiting.until(
                () -> house.daemon().log(0).stream().anyMatch(line -> line.startsWith(text)),
                () -> "nobody said " + text + ":\n" + house.daemon().lastLines());
    }

    @Test
    void programsRunAsConfiguredAndSeeNoMore() throws Exception {
        Account root = Account.caller();
        assumeTrue(root.isRoot(), "needs root");
        assumeTrue(Account.daemonUsersExist(), "needs the users _smtpd and _smtpq");
        int nobody = id("/etc/passwd", "nobody");
        int daemon = id("/etc/group", "daemon");
        int usual = id("/etc/passwd", "_smtpd");
        assumeTrue(nobody > 0 && daemon > 0, "needs the user nobody and the group daemon");
        try (FilterHouse house = FilterHouse.of(root);
                TestDns dns = TestDns.start("")) {
            Path folder = house.daemon().prefix().resolve("filters");
            Path cage = cage(house);
            house.program("usual", program(folder.resolve("usual"), "usual").toString());
            house.line(
                    "filter \"other\" proc-exec \"%s\" user \"nobody\" group \"daemon\""
                            .formatted(program(folder.resolve("other"), "other")));
            house.line(
                    "filter \"caged\" proc-exec \"/filter\" user \"nobody\" group \"daemon\" chroot \"%s\""
                            .formatted(cage));
            List<String> names = List.of("usual", "other", "caged");
            List<Integer> ports = new java.util.ArrayList<>();
            for (String name : names) {
                ports.add(house.listen("\"" + name + "\""));
            }
            house.start(dns.port());
            for (int i = 0; i < names.size(); i++) {
                try (Talk talk = new Talk(ports.get(i))) {
                    assertEquals("550 5.7.1 by " + names.get(i), talk.say("EHLO client.example"));
                }
            }
            says(house, "usual: I am %d:".formatted(usual));
            String dropped =
                    "I am %d:%d, in groups %d, in /, and see ".formatted(nobody, daemon, daemon);
            says(house, "other: " + dropped + "/bin ");
            says(house, "caged: " + dropped + "/bin /filter ");
        }
    }
}
