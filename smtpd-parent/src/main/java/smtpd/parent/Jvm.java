package smtpd.parent;

import smtpd.core.conf.Limits;
import smtpd.core.proc.Role;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The Java command line of each process: a small heap, and the one class path that the archive of
/// pre-loaded classes was made for.
///
/// @param javaHome the JDK that runs us
/// @param lib where the jars are
/// @param heaps the bounds that are configured
record Jvm(Path javaHome, Path lib, Limits.Heaps heaps) {
    /// What this process was started with.
    static Jvm current() {
        String classPath = System.getProperty("java.class.path");
        Path core = Path.of(classPath.split(":", 2)[0]).toAbsolutePath();
        Path lib = java.util.Objects.requireNonNull(core.getParent());
        return new Jvm(Path.of(System.getProperty("java.home")), lib, Limits.Heaps.DEFAULT);
    }

    /// The same with other bounds.
    Jvm with(Limits.Heaps other) {
        return new Jvm(javaHome, lib, other);
    }

    Path java() {
        return javaHome.resolve("bin/java");
    }

    Path aotCache() {
        return lib.resolve("smtpd.aot");
    }

    /// Where the native libraries of this name for this machine lie.
    private Path natives(String name) {
        boolean arm = System.getProperty("os.arch", "").equals("aarch64");
        return lib.resolve(name).resolve(arm ? "aarch64" : "x86_64");
    }

    /// The arguments that start a process of `role`.
    List<String> command(Role role) {
        List<String> argv = new ArrayList<>();
        argv.add("smtpd-" + role.word());
        argv.addAll(flags(role));
        argv.add("-cp");
        argv.add(lib.resolve("smtpd.jar").toString());
        argv.add("smtpd." + role.word() + ".Main");
        return argv;
    }

    private List<String> flags(Role role) {
        List<String> flags = new ArrayList<>();
        flags.add("-XX:+UseSerialGC");
        flags.add("-Xms4m");
        flags.add("-Xmx" + heapMegabytes(role) + "m");
        flags.add("-Xss256k");
        if (!enciphers(role)) {
            // compiled quickly and once: a mail server is busiest right after its start, with the
            // backlog
            flags.add("-XX:TieredStopAtLevel=1");
        }
        flags.add("-XX:-UsePerfData");
        flags.add("-XX:TrimNativeHeapInterval=2000");
        flags.add("-XX:+UnlockDiagnosticVMOptions");
        flags.add("-XX:ArchiveRelocationMode=0");
        flags.add("-XX:+DisableAttachMechanism");
        flags.add("-XX:+ExitOnOutOfMemoryError");
        flags.add("-XX:+ErrorFileToStderr");
        flags.add("--enable-native-access=ALL-UNNAMED");
        // smtpd.core.sys.Channels; the archive of classes demands the same of every process
        flags.add("--add-opens=java.base/java.io=ALL-UNNAMED");
        flags.add("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
        if (opensDatabases(role)) {
            // found here rather than unpacked: a confined process has no directory to write to
            flags.add("-Dorg.sqlite.lib.path=" + natives("sqlite"));
            flags.add("-Dorg.sqlite.tmpdir=" + natives("sqlite"));
        }
        if (role == Role.QUEUE) {
            flags.add("-DZstdNativePath=" + natives("zstd").resolve("libzstd-jni.so"));
        }
        if (Files.exists(aotCache())) {
            flags.add("-XX:AOTCache=" + aotCache());
        }
        return flags;
    }

    /// Whether `role` has SQLite.
    private static boolean opensDatabases(Role role) {
        return switch (role) {
            case LKA, QUEUE, SCHEDULER, CONTROL -> true;
            case PARENT, SMTP, MTA, MDA, CA -> false;
        };
    }

    /// Whether `role` takes part in TLS or seals what it stores. Only the optimizing compiler knows
    /// the processor's instructions for that: a signature takes eight times as long without. What
    /// the rehearsal of the archive compiled stays with the quick compiler even so; it enciphers
    /// nothing.
    private static boolean enciphers(Role role) {
        return switch (role) {
            case SMTP, MTA, CA, QUEUE -> true;
            case PARENT, LKA, SCHEDULER, MDA, CONTROL -> false;
        };
    }

    /// The bound of the heap: what the limits of the process can come to, with room.
    private int heapMegabytes(Role role) {
        return switch (role) {
            case SMTP, MTA, LKA -> 256;
            case QUEUE -> heaps.queue();
            case SCHEDULER -> heaps.scheduler();
            case PARENT, MDA, CA, CONTROL -> 64;
        };
    }
}
