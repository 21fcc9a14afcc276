package smtpd.e2e.scenario;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/// Ports on 127.0.0.1 for servers that are started by tests: free when they are told, and given to
/// nobody else before the server has them.
///
/// They are below those that the kernel chooses for others (`ip_local_port_range`, usually from
/// 32768). Test processes that run side by side do not get in each other's way: each takes ports
/// from a part of its own, which it claims by keeping the first port of it, and takes them in turn.
public final class Ports {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    /// The first port of the first part.
    private static final int FIRST = 12_000;

    /// As many test processes run at once on one machine, at the most.
    private static final int PARTS = 32;

    /// More than are in use at once by the tests of one process.
    private static final int PART = 600;

    private static @Nullable ServerSocket claim;
    private static int taken;

    private Ports() {}

    /// Claims the part of this process, in the network of the calling thread.
    static synchronized int claim() throws IOException {
        ServerSocket held = claim;
        for (int part = 0; held == null && part < PARTS; part++) {
            held = bound(FIRST + part * PART);
        }
        if (held == null) {
            throw new IOException("no ports are left for tests");
        }
        claim = held;
        return held.getLocalPort();
    }

    private static @Nullable ServerSocket bound(int port) {
        try {
            return new ServerSocket(port, 1, LOOPBACK);
        } catch (IOException _) {
            return null;
        }
    }

    /// Ports that are free now.
    public static synchronized List<Integer> free(int count) throws IOException {
        int first = claim();
        List<Integer> ports = new ArrayList<>();
        for (int tried = 0; ports.size() < count && tried < PART; tried++) {
            taken = taken % (PART - 1) + 1;
            ServerSocket trial = bound(first + taken);
            if (trial != null) {
                trial.close();
                ports.add(first + taken);
            }
        }
        if (ports.size() < count) {
            throw new IOException("no ports are left for tests");
        }
        return ports;
    }
}
