package smtpd.core.proc;

import smtpd.core.log.Logging;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.locks.LockSupport;

/// A program that asks for more than there is, in the way its argument names, and then waits.
final class Exhaustion {
    /// More than direct memory is allowed, and more than a stack may be.
    private static final int DIRECT_BYTES = 64 << 20;

    private static final long STACK_BYTES = 1L << 50;

    private Exhaustion() {}

    public static void main(String[] args) {
        Logging.toStandardError();
        Fatal.install();
        Mailbox agent = new Mailbox("agent", InstantSource.system());
        switch (args[0]) {
            case "agent" -> agent.post(Exhaustion::directMemory);
            case "session" -> Thread.ofVirtual().start(Exhaustion::directMemory);
            case "thread" -> agent.post(Exhaustion::thread);
            case "executor" ->
                    new ScheduledThreadPoolExecutor(1).execute(Fatal.guarded(Exhaustion::thread));
            default -> throw new IllegalArgumentException(args[0]);
        }
        LockSupport.parkNanos(Duration.ofSeconds(60).toNanos());
        Runtime.getRuntime().halt(0);
    }

    private static void directMemory() {
        ByteBuffer.allocateDirect(DIRECT_BYTES).put(0, (byte) 1);
    }

    private static void thread() {
        new Thread(null, () -> {}, "large", STACK_BYTES).start();
    }
}
