package smtpd.core.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import smtpd.core.sys.Capability;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.ExitStatus;
import smtpd.core.sys.FileRule;
import smtpd.core.sys.Identity;
import smtpd.core.sys.Layers;
import smtpd.core.sys.Permission;
import smtpd.core.sys.Sandbox;
import smtpd.core.sys.Spawn;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

class SandboxPolicyTest {
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    private static final SandboxPolicy.Places PLACES =
            new SandboxPolicy.Places(
                    JAVA_HOME,
                    List.of(Path.of("/opt/smtpd/lib")),
                    Path.of("/var/spool/smtpd"),
                    Path.of("/var/lib/smtpd"),
                    List.of(Path.of("/etc/mail/aliases"), Path.of("/etc/mail/domains")),
                    List.of(Path.of("/home"), Path.of("/var/mail")));

    private static final SandboxPolicy.Ports PORTS =
            new SandboxPolicy.Ports(Set.of(25, 587), Set.of(53), Set.of(24));

    private static Sandbox sandbox(Role role) {
        return SandboxPolicy.of(role, PLACES, PORTS).sandbox();
    }

    private static List<Path> owned(Role role) {
        return sandbox(role).files().stream()
                .filter(rule -> rule.access() == FileRule.Access.OWN)
                .map(FileRule::path)
                .toList();
    }

    @Test
    void onlyWhoWritesHasADirectory() {
        assertEquals(List.of(Path.of("/var/spool/smtpd")), owned(Role.QUEUE));
        assertEquals(List.of(Path.of("/var/lib/smtpd")), owned(Role.CONTROL));
        assertEquals(List.of(Path.of("/home"), Path.of("/var/mail")), owned(Role.MDA));
        for (Role role : List.of(Role.SMTP, Role.LKA, Role.SCHEDULER, Role.MTA, Role.CA)) {
            assertEquals(List.of(), owned(role));
        }
    }

    @Test
    void schedulerAndCaHaveNothing() {
        for (Role role : List.of(Role.SCHEDULER, Role.CA)) {
            Sandbox sandbox = sandbox(role);
            assertEquals(Set.of(), sandbox.connectPorts());
            assertEquals(Set.of(), sandbox.bindPorts());
            assertEquals(Set.of(), sandbox.capabilities());
            assertEquals(Set.of(), sandbox.permissions());
        }
    }

    @Test
    void theSchedulerOwnsItsIndexWhereItHasOne() {
        Path index = Path.of("/var/spool/smtpd/scheduler");
        Sandbox before = sandbox(Role.SCHEDULER);
        Sandbox sandbox =
                SandboxPolicy.of(Role.SCHEDULER, PLACES, PORTS).withIndex(index).sandbox();
        assertEquals(Set.of(Permission.WPATH), sandbox.permissions());
        assertEquals(Set.of(), sandbox.connectPorts());
        List<FileRule> files = new ArrayList<>(sandbox.files());
        files.removeAll(before.files());
        assertEquals(List.of(FileRule.own(index)), files);
    }

    @Test
    void theQueueWritesItsWitnessAndNothingBesideIt() {
        Path witness = Path.of("/var/lib/smtpd.witness");
        Sandbox before = sandbox(Role.QUEUE);
        Sandbox sandbox =
                SandboxPolicy.of(Role.QUEUE, PLACES, PORTS).withWitness(witness).sandbox();
        assertEquals(before.permissions(), sandbox.permissions());
        List<FileRule> files = new ArrayList<>(sandbox.files());
        files.removeAll(before.files());
        assertEquals(List.of(FileRule.writeFile(witness)), files);
    }

    @Test
    void portsGoToWhoConnects() {
        assertEquals(Set.of(25, 587), sandbox(Role.MTA).connectPorts());
        assertEquals(Set.of(53), sandbox(Role.LKA).connectPorts());
        assertEquals(Set.of(24), sandbox(Role.MDA).connectPorts());
        assertEquals(Set.of(), sandbox(Role.SMTP).connectPorts());
        assertEquals(Set.of(), sandbox(Role.SMTP).bindPorts());
    }

    @Test
    void onlyMdaKeepsCapabilities() {
        for (Role role : Role.values()) {
            if (role != Role.PARENT && role != Role.MDA) {
                assertEquals(Set.of(), sandbox(role).capabilities());
            }
        }
        assertEquals(
                Set.of(Capability.SETUID, Capability.SETGID), sandbox(Role.MDA).capabilities());
    }

    @Test
    void theQueueHasAUserOfItsOwn() {
        assertEquals("_smtpq", SandboxPolicy.of(Role.QUEUE, PLACES, PORTS).account().user());
        assertEquals("_smtpd", SandboxPolicy.of(Role.MDA, PLACES, PORTS).account().user());
    }

    @Test
    void tablesAreReadableByDirectory() {
        List<FileRule> files = sandbox(Role.LKA).files();
        assertTrue(files.contains(FileRule.read(Path.of("/etc/mail"))));
        assertFalse(sandbox(Role.SMTP).files().contains(FileRule.read(Path.of("/etc/mail"))));
    }

    @Test
    void theParentHasNoPolicy() {
        assertThrows(
                IllegalArgumentException.class, () -> SandboxPolicy.of(Role.PARENT, PLACES, PORTS));
    }

    @ParameterizedTest
    @EnumSource(value = Role.class, names = "PARENT", mode = EnumSource.Mode.EXCLUDE)
    void aJavaProgramStartsUnderEachPolicy(Role role) throws IOException {
        Layers layers = Layers.probe();
        assumeTrue(layers.landlockAbi() > 0 && layers.seccomp(), "needs Landlock and seccomp");
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        Spawn.Request request =
                new Spawn.Request(
                        JAVA_HOME + "/bin/java",
                        List.of("java", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-version"),
                        List.of(),
                        List.of(pipe.write(), pipe.write(), pipe.write()),
                        "/");
        int pid = Spawn.sandboxed(request, Identity.of(64001, 64001), sandbox(role), layers);
        Descriptors.close(pipe.write());
        try (var in = Descriptors.input(pipe.read())) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(new ExitStatus.Exited(0), Spawn.waitFor(pid), text);
        }
    }
}
