package smtpd.e2e.sandbox;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import smtpd.core.proc.Role;
import smtpd.core.sys.Layers;
import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Ports;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The daemon as root starts it: each process under its own rights.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RunningRightsTest {
    private static final String NONE = "0000000000000000";

    /// CAP_SETGID and CAP_SETUID.
    private static final String IDS = "00000000000000c0";

    private static final List<String> CAPABILITIES =
            List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb");

    private Daemon daemon;
    private final Map<String, Integer> uids = new TreeMap<>();

    @BeforeAll
    void start() throws IOException, InterruptedException {
        Layers layers = Layers.probe();
        assumeTrue(layers.uid(), "needs root");
        assumeTrue(layers.seccomp(), "needs seccomp");
        for (String line : Files.readAllLines(Path.of("/etc/passwd"))) {
            String[] fields = line.split(":", -1);
            uids.put(fields[0], Integer.valueOf(fields[2]));
        }
        assumeTrue(
                uids.containsKey("_smtpd") && uids.containsKey("_smtpq"),
                "needs the users _smtpd and _smtpq");
        daemon = Daemon.prepare(new Account(0, 0, List.of()));
        daemon.write(
                "etc/smtpd.conf",
                """
                listen on 127.0.0.1 port %d hostname mx.example.org
                action "local" maildir
                match from any for domain "example.org" action "local"
                """
                        .formatted(Ports.free(1).getFirst()));
        daemon.start();
    }

    @AfterAll
    void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private long pid(Role role) throws IOException {
        ProcessHandle parent = parent();
        if (role == Role.PARENT) {
            return parent.pid();
        }
        for (ProcessHandle child : parent.children().toList()) {
            if (words(child.pid()).getFirst().equals("smtpd-" + role.word())) {
                return child.pid();
            }
        }
        throw new AssertionError("no " + role.word() + "\n" + daemon.lastLines());
    }

    private ProcessHandle parent() throws IOException {
        for (ProcessHandle child : ProcessHandle.current().children().toList()) {
            if (words(child.pid()).contains(daemon.prefix().toString())) {
                return child;
            }
        }
        throw new AssertionError("no daemon\n" + daemon.lastLines());
    }

    private static List<String> words(long pid) throws IOException {
        return List.of(Files.readString(Path.of("/proc/" + pid + "/cmdline")).split("\0", -1));
    }

    /// The state of every thread of a process.
    private static List<Map<String, String>> threads(long pid) throws IOException {
        List<Map<String, String>> threads = new ArrayList<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks.toList()) {
                text(task.resolve("status")).ifPresent(it -> threads.add(fields(it)));
            }
        }
        return threads;
    }

    private static Optional<String> text(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            // a thread or a descriptor that was gone when we looked
            return Optional.empty();
        }
    }

    private static Map<String, String> fields(String status) {
        Map<String, String> fields = new TreeMap<>();
        status.lines()
                .forEach(line -> {
                    int colon = line.indexOf(':');
                    fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
                });
        return fields;
    }

    @ParameterizedTest
    @EnumSource(value = Role.class, names = "PARENT", mode = EnumSource.Mode.EXCLUDE)
    void everyThreadOfAChildHasItsUserAndNoRightOfRoot(Role role) throws IOException {
        String user = role == Role.QUEUE ? "_smtpq" : "_smtpd";
        String uid = String.valueOf(uids.get(user));
        String kept = role == Role.MDA ? IDS : NONE;
        List<Map<String, String>> threads = threads(pid(role));
        assertTrue(threads.size() > 1, () -> threads.toString());
        for (Map<String, String> thread : threads) {
            assertAll(
                    () -> assertEquals(String.join("\t", uid, uid, uid, uid), thread.get("Uid")),
                    () -> assertEquals("1", thread.get("NoNewPrivs")),
                    () -> assertEquals("2", thread.get("Seccomp")),
                    () -> assertEquals("2", thread.get("Seccomp_filters")),
                    () -> assertEquals(kept, thread.get("CapBnd")),
                    () -> assertEquals(kept, thread.get("CapEff")));
            if (role != Role.MDA) {
                for (String set : CAPABILITIES) {
                    assertEquals(NONE, thread.get(set), set);
                }
            }
        }
    }

    @Test
    void theParentIsRoot() throws IOException {
        assertEquals("0\t0\t0\t0", threads(pid(Role.PARENT)).getFirst().get("Uid"));
    }

    /// What the descriptors of a process are; of files, with how they are open.
    private static List<String> descriptors(long pid) throws IOException {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> fds = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path fd : fds.sorted().toList()) {
                String info =
                        text(Path.of("/proc/" + pid + "/fdinfo/" + fd.getFileName())).orElse("");
                int flags = info.isEmpty() ? 0 : Integer.parseInt(fields(info).get("flags"), 8);
                targets.add(Files.readSymbolicLink(fd) + ((flags & 3) == 0 ? "" : " writable"));
            }
        }
        return targets;
    }

    private static boolean isNetworkSocket(long pid, String target) {
        if (!target.startsWith("socket:[")) {
            return false;
        }
        String inode = target.substring("socket:[".length(), target.indexOf(']'));
        return Stream.of("tcp", "tcp6", "udp", "udp6", "raw", "raw6")
                .map(it -> text(Path.of("/proc/" + pid + "/net/" + it)).orElse(""))
                .flatMap(String::lines)
                .map(line -> line.strip().split("\\s+"))
                .anyMatch(columns -> columns.length > 9 && columns[9].equals(inode));
    }

    private static boolean isWritableFile(String target) {
        return target.startsWith("/")
                && target.endsWith(" writable")
                && !target.equals("/dev/null writable");
    }

    @ParameterizedTest
    @EnumSource(
            value = Role.class,
            names = {"SCHEDULER", "CA"})
    void whoNeedsNothingHasNoNetworkAndNoFile(Role role) throws IOException {
        long pid = pid(role);
        List<String> descriptors = descriptors(pid);
        assertTrue(descriptors.size() > 2, descriptors::toString);
        assertEquals(
                List.of(),
                descriptors.stream()
                        .filter(it -> isNetworkSocket(pid, it) || isWritableFile(it))
                        .toList());
    }

    @ParameterizedTest
    @EnumSource(
            value = Role.class,
            names = {"PARENT", "SMTP"},
            mode = EnumSource.Mode.EXCLUDE)
    void onlySmtpHoldsTheListeningSocket(Role role) throws IOException {
        long pid = pid(role);
        assertEquals(
                List.of(),
                descriptors(pid).stream().filter(it -> isNetworkSocket(pid, it)).toList());
    }

    @Test
    void smtpHoldsTheListeningSocketAndNoWritableFile() throws IOException {
        long pid = pid(Role.SMTP);
        List<String> descriptors = descriptors(pid);
        assertEquals(1, descriptors.stream().filter(it -> isNetworkSocket(pid, it)).count());
        assertEquals(
                List.of(), descriptors.stream().filter(RunningRightsTest::isWritableFile).toList());
    }
}
