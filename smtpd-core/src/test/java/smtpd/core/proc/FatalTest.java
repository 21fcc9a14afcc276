package smtpd.core.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

class FatalTest {
    @ParameterizedTest
    @DisplayName("F-74: a process that gets no direct memory or no thread says so and ends")
    @CsvSource({
        "agent, OutOfMemoryError: Cannot reserve",
        "session, OutOfMemoryError: Cannot reserve",
        "thread, OutOfMemoryError: unable to create native thread",
        "executor, OutOfMemoryError: unable to create native thread"
    })
    void exhaustionEndsTheProcess(String where, String reason)
            throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        String classPath = System.getProperty("java.class.path");
        Process process =
                new ProcessBuilder(
                                List.of(
                                        java,
                                        "-XX:MaxDirectMemorySize=1m",
                                        "-cp",
                                        System.getProperty("surefire.test.class.path", classPath),
                                        Exhaustion.class.getName(),
                                        where))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(Fatal.STATUS, process.waitFor(), said);
        assertTrue(said.contains("fatal: thread "), said);
        assertTrue(said.contains(reason), said);
    }

    @Test
    @DisplayName("F-74: what a guarded task throws reaches the handler of its thread")
    void aGuardedTaskHidesNothing() throws InterruptedException {
        Error error = new OutOfMemoryError("unable to create native thread");
        AtomicReference<Throwable> seen = new AtomicReference<>();
        Thread thread =
                Thread.ofPlatform()
                        .uncaughtExceptionHandler((_, thrown) -> seen.set(thrown))
                        .start(
                                Fatal.guarded(() -> {
                                    throw error;
                                }));
        thread.join();
        assertSame(error, seen.get());
    }
}
