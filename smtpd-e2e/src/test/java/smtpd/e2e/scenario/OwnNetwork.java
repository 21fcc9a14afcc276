package smtpd.e2e.scenario;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Runs the methods of a test class in a network of their own, with nothing in it but the loopback
/// interface: every address of 127.0.0.0/8 and ::1, and every port of them, is free.
///
/// It is a network namespace, network_namespaces(7), of one thread: what this thread binds,
/// connects or starts is in it, so that servers in the test, the daemon and its peers all are.
/// Threads that only accept may be any. It is gone when the last of them is. The class is skipped
/// where no namespace can be made.
public final class OwnNetwork implements InvocationInterceptor {
    private static final ExtensionContext.Namespace STORE =
            ExtensionContext.Namespace.create(OwnNetwork.class);

    /// `CLONE_NEWNET` of unshare(2).
    private static final int NEW_NETWORK = 0x4000_0000;

    private record Home(ExecutorService thread) implements AutoCloseable {
        @Override
        public void close() {
            thread.shutdown();
        }
    }

    /// Whether the network that the calling thread is in has addresses of IPv6.
    public static boolean hasIpv6() throws IOException {
        Path addresses = Path.of("/proc/thread-self/net/if_inet6");
        return Files.exists(addresses) && !Files.readString(addresses).isEmpty();
    }

    @Override
    public void interceptBeforeAllMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        inside(invocation, context);
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        inside(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        inside(invocation, context);
    }

    @Override
    public void interceptAfterAllMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        inside(invocation, context);
    }

    private static void inside(Invocation<Void> invocation, ExtensionContext context)
            throws Throwable {
        Ports.claim(); // out here, where other test processes see it
        String key = context.getRequiredTestClass().getName();
        Home home =
                context.getRoot()
                        .getStore(STORE)
                        .getOrComputeIfAbsent(key, _ -> new Home(thread()), Home.class);
        try {
            home.thread().submit(() -> proceed(invocation)).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Failed failed ? failed.getCause() : e.getCause();
        }
    }

    private static ExecutorService thread() {
        return Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("own-network").daemon(true).factory());
    }

    /// What a test threw, which may be anything.
    private static final class Failed extends Exception {
        private static final long serialVersionUID = 1;

        Failed(Throwable cause) {
            super(cause);
        }
    }

    private static final ThreadLocal<Boolean> INSIDE = ThreadLocal.withInitial(() -> false);

    private static Void proceed(Invocation<Void> invocation) throws Failed {
        try {
            if (!INSIDE.get()) {
                leave();
                INSIDE.set(true);
            }
            return invocation.proceed();
        } catch (Throwable e) {
            throw new Failed(e);
        }
    }

    /// Leaves the network of the machine, for good.
    @SuppressWarnings("restricted")
    private static void leave() throws Throwable {
        Linker linker = Linker.nativeLinker();
        int result =
                (int)
                        linker.downcallHandle(
                                        linker.defaultLookup().findOrThrow("unshare"),
                                        FunctionDescriptor.of(
                                                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                                .invokeExact(NEW_NETWORK);
        Assumptions.assumeTrue(
                result == 0,
                "no network namespace can be made: root and CAP_SYS_ADMIN are missing");
        Assumptions.assumeTrue(isUp(), "ip is missing: etc/interop installs iproute2 as root");
    }

    private static boolean isUp() throws InterruptedException {
        try {
            List<String> words = List.of("ip", "link", "set", "lo", "up");
            return Distribution.run(words, Map.of(), new byte[0]).status() == 0;
        } catch (IOException _) {
            return false;
        }
    }
}
