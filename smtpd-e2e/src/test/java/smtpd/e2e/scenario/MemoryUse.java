package smtpd.e2e.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What the processes started from here take of the memory.
public final class MemoryUse {
    private MemoryUse() {}

    /// Their proportional set sizes in KiB, by the names they give themselves, as `smtpd-queue`.
    public static NavigableMap<String, Long> now() {
        NavigableMap<String, Long> sizes = new TreeMap<>();
        try (Stream<ProcessHandle> all = ProcessHandle.current().descendants()) {
            all.map(each -> Path.of("/proc", Long.toString(each.pid())))
                    .forEach(each -> sizes.merge(name(each), size(each), Long::sum));
        }
        return sizes;
    }

    private static String name(Path process) {
        try {
            return Files.readString(process.resolve("cmdline")).split("\0", 2)[0];
        } catch (IOException _) {
            return ""; // it has ended
        }
    }

    private static long size(Path process) {
        try (Stream<String> lines = Files.lines(process.resolve("smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException _) {
            return 0;
        }
    }
}
