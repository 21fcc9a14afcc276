package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.imsg.ProcessView;
import smtpd.core.proc.Role;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

class KernelViewsTest {
    private static final String STATUS =
            """
            Name:\tjava
            Uid:\t0\t104\t104\t104
            Gid:\t0\t105\t105\t105
            VmRSS:\t   51200 kB
            Threads:\t23
            CapEff:\t00000000000000c0
            CapBnd:\t00000000000000c0
            NoNewPrivs:\t1
            Seccomp:\t2
            Seccomp_filters:\t2
            """;

    @TempDir private Path proc;

    private void write(String path, String text) throws IOException {
        Path file = proc.resolve(path);
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, text);
    }

    @Test
    void aProcessIsShownAsTheKernelTellsIt() throws IOException {
        write("7/status", STATUS);
        write("7/smaps_rollup", "5600-7ff0 ---p 0 00:00 0   [rollup]\nPss:       20480 kB\n");
        assertEquals(
                List.of(
                        new ProcessView(
                                Role.MDA,
                                7,
                                new ProcessView.Identity(104, 105),
                                new ProcessView.Rights(0xc0, 0xc0, true, 2, 2),
                                new ProcessView.Memory(51_200 << 10, 20_480 << 10, 23))),
                new KernelViews(proc).of(Map.of(Role.MDA, 7L)));
    }

    @Test
    void whatIsNotToldIsNotMadeUp() throws IOException {
        write("7/status", STATUS);
        write("8/status", STATUS.replace("Seccomp:\t2\n", ""));
        Map<Role, Long> pids = new EnumMap<>(Map.of(Role.MDA, 7L, Role.CA, 8L, Role.LKA, 9L));
        List<ProcessView> views = new KernelViews(proc).of(pids);
        assertEquals(1, views.size());
        assertEquals(-1, views.getFirst().memory().share());
    }

    @Test
    void thisProcessCanBeLookedAt() {
        long pid = ProcessHandle.current().pid();
        ProcessView view =
                new KernelViews(Path.of("/proc")).of(Map.of(Role.PARENT, pid)).getFirst();
        assertTrue(view.memory().resident() > 1 << 20, view.toString());
        assertTrue(view.memory().threads() > 1, view.toString());
    }
}
