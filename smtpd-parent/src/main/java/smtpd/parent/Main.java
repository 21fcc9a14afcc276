package smtpd.parent;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.ConfEnvironment;
import smtpd.core.conf.ConfError;
import smtpd.core.conf.ConfParser;
import smtpd.core.conf.ConfPrinter;
import smtpd.core.conf.ConfResult;
import smtpd.core.conf.ConfWarning;
import smtpd.core.conf.Config;
import smtpd.core.conf.Converter;
import smtpd.core.conf.HostEnvironment;
import smtpd.core.conf.OfflineEnvironment;
import smtpd.core.conf.QueueKey;
import smtpd.core.conf.SchedulerBackend;
import smtpd.core.key.KeySources;
import smtpd.core.proc.Paths;
import smtpd.core.sys.Credentials;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// smtpd(8): reads the command line and the configuration, then checks it, prints it, or runs the
/// daemon.
public final class Main {
    private static final PrintStream ERR = System.err;

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        System.exit(run(List.of(args), System.getenv()));
    }

    private static int run(List<String> args, Map<String, String> environment)
            throws InterruptedException {
        CommandLine line;
        try {
            line = CommandLine.parse(args);
        } catch (CommandLine.Bad e) {
            ERR.println("smtpd: " + e.getMessage());
            ERR.println(CommandLine.USAGE);
            return 1;
        }
        Paths paths =
                line.prefix().isEmpty()
                        ? Paths.of(environment)
                        : Paths.below(Path.of(line.prefix()));
        return switch (line.mode()) {
            case HELP -> help();
            case VERSION -> version();
            case CONVERT -> convert(line);
            case CHECK, CHECK_OFFLINE -> check(line, paths);
            case DAEMON -> background(args, line, paths);
            case FOREGROUND, DEBUG -> daemon(line, paths);
        };
    }

    private static int help() {
        ERR.println("version: " + Version.TEXT);
        ERR.println(CommandLine.USAGE);
        return 0;
    }

    private static int version() {
        System.out.println(Version.TEXT);
        return 0;
    }

    private static int convert(CommandLine line) {
        Path file = Path.of(java.util.Objects.requireNonNull(line.file()));
        try {
            System.out.print(Converter.convert(HostEnvironment.decode(Files.readAllBytes(file))));
            return 0;
        } catch (IOException e) {
            ERR.println(file + ": cannot be read: " + e.getMessage());
            return 1;
        }
    }

    private static int check(CommandLine line, Paths paths) {
        Optional<Config> config = read(line, paths);
        if (config.isEmpty()) {
            return 1;
        }
        if (line.run().verbose()) {
            System.out.print(ConfPrinter.print(config.get()));
        }
        ERR.println("configuration OK");
        return 0;
    }

    private static int background(List<String> args, CommandLine line, Paths paths) {
        Optional<Config> config = read(line, paths);
        if (config.isEmpty()) {
            return 1;
        }
        try {
            List<QueueKey> keys = config.get().settings().queue().keys();
            return Background.start(args, new KeySources(System.in).relayed(keys));
        } catch (IOException e) {
            ERR.println("smtpd: " + e.getMessage());
            return 1;
        }
    }

    private static int daemon(CommandLine line, Paths paths) throws InterruptedException {
        Optional<Config> config = read(line, paths);
        if (config.isEmpty()) {
            return 1;
        }
        try {
            return new Daemon(config.get(), line, paths).run();
        } catch (IOException e) {
            ERR.println("smtpd: " + e.getMessage());
            return 1;
        }
    }

    /// Reads the configuration; errors and warnings go to standard error, each with its place.
    private static Optional<Config> read(CommandLine line, Paths paths) {
        Path file = line.file() == null ? paths.config() : Path.of(line.file());
        String text;
        try {
            text = HostEnvironment.decode(Files.readAllBytes(file));
        } catch (IOException e) {
            ERR.println(file + ": cannot be read: " + e.getMessage());
            return Optional.empty();
        }
        ConfEnvironment environment = environment(line.mode() == CommandLine.Mode.CHECK_OFFLINE);
        ConfResult result = ConfParser.parse(file.toString(), text, line.macros(), environment);
        for (ConfError error : result.errors()) {
            ERR.println(error);
        }
        for (ConfWarning warning : result.warnings()) {
            ERR.println(warning);
        }
        @Nullable Config config = result.config();
        return Optional.ofNullable(config).flatMap(it -> chosen(it, line));
    }

    /// With what the command line says instead.
    private static Optional<Config> chosen(Config config, CommandLine line) {
        String name = line.run().backends().get("scheduler");
        if (name == null) {
            return Optional.of(config);
        }
        Optional<SchedulerBackend> backend = SchedulerBackend.of(name);
        if (backend.isEmpty()) {
            ERR.println("smtpd: " + SchedulerBackend.unknown(name));
        }
        return backend.map(config::with);
    }

    private static ConfEnvironment environment(boolean offline) {
        String hostname = HostName.find();
        return offline
                ? new OfflineEnvironment(hostname)
                : new HostEnvironment(
                        hostname,
                        Credentials.uid(),
                        TablePrograms.BUILT_IN,
                        SocketPrograms.folders(Jvm.current().lib()));
    }
}
