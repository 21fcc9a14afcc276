package smtpd.parent;

import smtpd.core.proc.Confinement;
import smtpd.core.proc.Role;
import smtpd.core.proc.SandboxPolicy;
import smtpd.core.sys.ExitStatus;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.Spawn;
import smtpd.core.sys.SysException;

import java.util.ArrayList;
import java.util.List;

/// Starts a process inside its sandbox: its user, its files and ports, and the first filter of
/// system calls stand before its first instruction.
///
/// @param jvm the Java command line of each role
/// @param sandboxes the walls
/// @param log what becomes its standard output and error
record SandboxedStarter(Jvm jvm, Sandboxes sandboxes, LogSink log) implements Starter {
    @Override
    public int start(Role role, FdSocket control) throws SysException {
        List<String> argv = new ArrayList<>(jvm.command(role));
        argv.add(1, "-D" + Confinement.PROPERTY + "=" + mode());
        Spawn.Request request =
                new Spawn.Request(
                        jvm.java().toString(),
                        argv,
                        List.of("PATH=/usr/bin:/bin", "LANG=C.UTF-8"),
                        List.of(control.fd(), log.fd(), log.fd()),
                        "/");
        SandboxPolicy policy = sandboxes.policy(role);
        return sandboxes.enabled()
                ? Spawn.sandboxed(
                        request, sandboxes.identity(policy), policy.sandbox(), sandboxes.layers())
                : unconfined(request, policy);
    }

    @Override
    public ExitStatus waitFor(int pid) throws SysException {
        return Spawn.waitFor(pid);
    }

    @Override
    public void kill(int pid) throws SysException {
        Spawn.kill(pid, Spawn.SIGKILL);
    }

    private int unconfined(Spawn.Request request, SandboxPolicy policy) throws SysException {
        smtpd.core.sys.Identity identity = sandboxes.identity(policy);
        return identity == null ? Spawn.start(request) : Spawn.asUser(request, identity);
    }

    private String mode() {
        return sandboxes.enabled() ? "strict" : "off";
    }
}
