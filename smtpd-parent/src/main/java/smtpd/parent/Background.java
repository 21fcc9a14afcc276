package smtpd.parent;

import smtpd.core.sys.Descriptors;
import smtpd.core.sys.Spawn;
import smtpd.core.sys.SysException;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Starts the daemon in the background: a copy of this program in the foreground, in a session of
/// its own, that tells through a pipe when it is ready. Until then its errors come to the caller's
/// standard error.
final class Background {
    /// The environment variable that names the descriptor to tell.
    static final String READY_FD = "SMTPD_READY_FD";

    private Background() {}

    /// @param args of this program
    /// @param input what the copy is to read from its standard input, less than a pipe holds
    /// @return 0 once the daemon is ready, 1 if it ended before
    static int start(List<String> args, String input) {
        try {
            Descriptors.Pipe ready = Descriptors.Pipe.open();
            Descriptors.Pipe nothing = Descriptors.Pipe.open();
            int pid = Spawn.start(copy(args, nothing.read(), ready.write()));
            Descriptors.close(ready.write());
            Descriptors.close(nothing.read());
            try (OutputStream out = Descriptors.output(nothing.write())) {
                out.write(input.getBytes(StandardCharsets.UTF_8));
            }
            try (InputStream in = Descriptors.input(ready.read())) {
                return in.read() == 'R' ? 0 : ended(pid);
            }
        } catch (IOException e) {
            System.err.println("smtpd: cannot start in the background: " + e.getMessage());
            return 1;
        }
    }

    private static int ended(int pid) throws SysException {
        System.err.println("smtpd: not started: " + Spawn.waitFor(pid));
        return 1;
    }

    private static Spawn.Request copy(List<String> args, int in, int ready) throws IOException {
        ProcessHandle.Info self = ProcessHandle.current().info();
        String program = self.command().orElseThrow(() -> new IOException("own command unknown"));
        List<String> argv = new ArrayList<>();
        argv.add("smtpd");
        argv.addAll(java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
        argv.add("-cp");
        argv.add(System.getProperty("java.class.path"));
        argv.add(Main.class.getName());
        argv.add("-F");
        argv.addAll(args);
        List<String> env = new ArrayList<>();
        for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
            env.add(variable.getKey() + "=" + variable.getValue());
        }
        env.add(READY_FD + "=3");
        return new Spawn.Request(program, argv, env, List.of(in, 2, 2, ready));
    }
}
