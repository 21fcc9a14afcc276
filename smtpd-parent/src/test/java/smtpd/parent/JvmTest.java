package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Limits;
import smtpd.core.proc.Role;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The Java command line of the processes, tried for real.
class JvmTest {
    /// What a Java process ends with that is told to end when memory is exhausted.
    private static final int EXHAUSTED = 3;

    @Test
    @DisplayName("F-74: a process whose heap is exhausted ends at once, to be started again")
    void processWhoseHeapIsExhaustedEnds()
            throws IOException, InterruptedException, URISyntaxException {
        Path home = Path.of(System.getProperty("java.home"));
        Jvm jvm = new Jvm(home, Path.of("/nonexistent"), Limits.Heaps.DEFAULT);
        List<String> command = new ArrayList<>(jvm.command(Role.CA));
        command.set(0, jvm.java().toString());
        int classPath = command.indexOf("-cp") + 1;
        Class<?> glutton = HeapGlutton.class;
        Path classes = Path.of(glutton.getProtectionDomain().getCodeSource().getLocation().toURI());
        command.set(classPath, classes.toString());
        command.set(classPath + 1, glutton.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(EXHAUSTED, process.waitFor(), said);
    }

    private static Jvm jvm(Limits.Heaps heaps) {
        return new Jvm(Path.of(System.getProperty("java.home")), Path.of("/nonexistent"), heaps);
    }

    @Test
    void heapsOfQueueAndSchedulerAreAsConfigured() {
        Jvm jvm = jvm(new Limits.Heaps(2048, 128));
        assertTrue(jvm.command(Role.QUEUE).contains("-Xmx2048m"));
        assertTrue(jvm.command(Role.SCHEDULER).contains("-Xmx128m"));
        assertTrue(jvm.command(Role.CA).contains("-Xmx64m"));
    }

    @Test
    @DisplayName("F-85: no process writes its memory to disk, or lets another read it")
    void memoryStaysInTheProcess() {
        Jvm jvm = jvm(Limits.Heaps.DEFAULT);
        for (Role role : Role.values()) {
            List<String> command = jvm.command(role);
            assertTrue(command.contains("-XX:+DisableAttachMechanism"), command::toString);
            assertTrue(command.contains("-XX:+ErrorFileToStderr"), command::toString);
            assertTrue(
                    command.stream().noneMatch(flag -> flag.contains("HeapDump")),
                    command::toString);
        }
    }
}
