package smtpd.e2e.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.proc.Role;
import smtpd.core.proc.SandboxPolicy;
import smtpd.core.sys.Capability;
import smtpd.core.sys.FileRule;
import smtpd.core.sys.Permission;
import smtpd.core.sys.Sandbox;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// doc/PRIVSEP.md says of each process what its policy says.
class PrivsepDocTest {
    private static final String SPOOL = "/SPOOL";
    private static final String STATE = "/STATE";
    private static final String TABLES = "/TABLES";
    private static final String MAIL = "/MAIL";

    private static final SandboxPolicy.Places PLACES =
            new SandboxPolicy.Places(
                    Path.of("/JAVA"),
                    List.of(Path.of("/LIB")),
                    Path.of(SPOOL),
                    Path.of(STATE),
                    List.of(Path.of(TABLES, "file")),
                    List.of(Path.of(MAIL)));

    /// Ports that stand for the words of the page.
    private static final Map<Integer, String> PORTS =
            Map.of(0, "any", 1, "relay", 2, "dns", 3, "lmtp");

    private static final Set<String> PLACES_OF_OURS = Set.of(SPOOL, STATE, TABLES, MAIL);

    /// The scheduler has only what every Java program needs.
    private static final List<FileRule> COMMON = sandbox(Role.SCHEDULER).files();

    private static SandboxPolicy policy(Role role) {
        return SandboxPolicy.of(
                role, PLACES, new SandboxPolicy.Ports(Set.of(1), Set.of(2), Set.of(3)));
    }

    private static Sandbox sandbox(Role role) {
        return policy(role).sandbox();
    }

    @Test
    void theTableIsThePolicy() {
        List<String> expected = new ArrayList<>();
        for (Role role : Role.values()) {
            if (role != Role.PARENT) {
                expected.add(row(role));
            }
        }
        List<String> written =
                Documents.page("doc/PRIVSEP.md")
                        .text()
                        .lines()
                        .filter(line -> line.matches("\\| \\w+ \\| `_smtp.` .*"))
                        .map(line -> line.replaceAll(" +", " "))
                        .toList();
        assertEquals(String.join("\n", expected), String.join("\n", written));
    }

    private static String row(Role role) {
        Sandbox sandbox = sandbox(role);
        List<String> cells =
                List.of(
                        role.word(),
                        "`" + policy(role).account().user() + "`",
                        files(sandbox, FileRule.Access.OWN),
                        (files(sandbox, FileRule.Access.READ)
                                        + known(files(sandbox, FileRule.Access.READ_KNOWN)))
                                .strip(),
                        ports(sandbox.connectPorts()),
                        ports(sandbox.bindPorts()),
                        String.join(
                                " ",
                                Arrays.stream(Capability.values())
                                        .filter(sandbox.capabilities()::contains)
                                        .map(Enum::name)
                                        .toList()),
                        String.join(
                                " ",
                                Arrays.stream(Permission.values())
                                        .filter(sandbox.permissions()::contains)
                                        .map(Enum::name)
                                        .toList()));
        return ("| " + String.join(" | ", cells) + " |").replaceAll(" +", " ");
    }

    private static String known(String files) {
        return files.isEmpty() ? "" : " " + files + " by name";
    }

    private static String files(Sandbox sandbox, FileRule.Access access) {
        List<String> files =
                sandbox.files().stream()
                        .filter(rule -> rule.access() == access && !COMMON.contains(rule))
                        .map(rule -> rule.path().toString())
                        .map(path -> PLACES_OF_OURS.contains(path) ? path.substring(1) : path)
                        .map(path -> "`" + path + "`")
                        .toList();
        return String.join(" ", files);
    }

    private static String ports(Set<Integer> ports) {
        return String.join(
                " ", ports.stream().sorted().map(port -> PORTS.getOrDefault(port, "?")).toList());
    }

    @Test
    void whatEveryProcessMayUseIsNamed() {
        String page = Documents.page("doc/PRIVSEP.md").text();
        for (FileRule rule : COMMON) {
            String path = rule.path().toString();
            if (path.startsWith("/dev/")) {
                assertTrue(page.contains("`" + path + "`"), path);
            }
        }
    }
}
