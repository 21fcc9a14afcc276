package smtpd.parent;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The command line of smtpd(8), as OpenSMTPD's with `--prefix`, `--offline` and `--convert`.
///
/// @param mode what to do
/// @param file the configuration file, or null for the usual place
/// @param prefix where our files are, or empty
/// @param macros `-D name=value`, in order
/// @param run how to run
record CommandLine(
        Mode mode, @Nullable String file, String prefix, Map<String, String> macros, Run run) {
    static final String USAGE =
            "usage: smtpd [-dFhnvV] [-D macro=value] [-f file] [-P mda|mta|smtp] [-T trace]"
                    + " [-B backend=name] [--prefix dir] [--offline] [--convert file]";

    /// What to do.
    enum Mode {
        /// Run in the background; syslog.
        DAEMON,
        /// `-F`: run in the foreground; syslog.
        FOREGROUND,
        /// `-d`: run in the foreground; standard error.
        DEBUG,
        /// `-n`: check the configuration.
        CHECK,
        /// `-n --offline`: check it for another host.
        CHECK_OFFLINE,
        /// `-h`.
        HELP,
        /// `-V`.
        VERSION,
        /// `--convert FILE`: print a configuration of the old grammar in today's.
        CONVERT
    }

    /// How to run.
    ///
    /// @param verbose `-v`
    /// @param paused `-P`: `mda`, `mta`, `smtp`
    /// @param traces `-T`
    /// @param backends `-B`: `queue` and others to names
    record Run(
            boolean verbose,
            List<String> paused,
            List<String> traces,
            Map<String, String> backends) {}

    /// A command line that cannot be understood.
    static final class Bad extends Exception {
        private static final long serialVersionUID = 1L;

        Bad(String message) {
            super(message);
        }
    }

    /// Reads the arguments in the manner of getopt(3).
    static CommandLine parse(List<String> args) throws Bad {
        Reading reading = new Reading(args);
        while (reading.hasNext()) {
            reading.readNext();
        }
        return reading.result();
    }

    private static final class Reading {
        private final List<String> args;
        private int position;
        private Mode mode = Mode.DAEMON;
        private boolean check;
        private boolean offline;
        private boolean verbose;
        private @Nullable String file;
        private String prefix = "";
        private final Map<String, String> macros = new LinkedHashMap<>();
        private final Map<String, String> backends = new LinkedHashMap<>();
        private final List<String> paused = new ArrayList<>();
        private final List<String> traces = new ArrayList<>();

        private Reading(List<String> args) {
            this.args = args;
        }

        private boolean hasNext() {
            return position < args.size();
        }

        private void readNext() throws Bad {
            String arg = args.get(position++);
            if (arg.startsWith("--")) {
                readLong(arg);
            } else if (arg.startsWith("-") && arg.length() > 1) {
                readShort(arg);
            } else {
                throw new Bad("unexpected argument: " + arg);
            }
        }

        private void readLong(String arg) throws Bad {
            int equals = arg.indexOf('=');
            String name = equals < 0 ? arg : arg.substring(0, equals);
            switch (name) {
                case "--prefix" -> prefix = longValue(arg, equals);
                case "--convert" -> {
                    mode = Mode.CONVERT;
                    file = longValue(arg, equals);
                }
                case "--offline" -> offline = true;
                case "--help" -> mode = Mode.HELP;
                case "--version" -> mode = Mode.VERSION;
                default -> throw new Bad("unknown option: " + arg);
            }
        }

        private String longValue(String arg, int equals) throws Bad {
            return equals < 0 ? next(arg) : arg.substring(equals + 1);
        }

        private String next(String option) throws Bad {
            if (!hasNext()) {
                throw new Bad("option needs a value: " + option);
            }
            return args.get(position++);
        }

        private void readShort(String arg) throws Bad {
            for (int i = 1; i < arg.length(); i++) {
                char option = arg.charAt(i);
                if ("DfPTB".indexOf(option) >= 0) {
                    String value = i + 1 < arg.length() ? arg.substring(i + 1) : next("-" + option);
                    take(option, value);
                    return;
                }
                take(option);
            }
        }

        private void take(char option) throws Bad {
            switch (option) {
                case 'd' -> mode = Mode.DEBUG;
                case 'F' -> mode = mode == Mode.DEBUG ? mode : Mode.FOREGROUND;
                case 'n' -> check = true;
                case 'v' -> verbose = true;
                case 'h' -> mode = Mode.HELP;
                case 'V' -> mode = Mode.VERSION;
                default -> throw new Bad("unknown option: -" + option);
            }
        }

        private void take(char option, String value) throws Bad {
            switch (option) {
                case 'f' -> file = value;
                case 'D' -> pair(macros, value, "macro");
                case 'B' -> pair(backends, value, "backend");
                case 'P' -> {
                    if (!List.of("mda", "mta", "smtp").contains(value)) {
                        throw new Bad("cannot start paused: " + value);
                    }
                    paused.add(value);
                }
                default -> traces.add(value);
            }
        }

        private static void pair(Map<String, String> into, String value, String what) throws Bad {
            int equals = value.indexOf('=');
            if (equals <= 0) {
                throw new Bad(what + " must be name=value: " + value);
            }
            into.put(value.substring(0, equals), value.substring(equals + 1));
        }

        private CommandLine result() {
            boolean checking = check && mode != Mode.HELP && mode != Mode.VERSION;
            Mode what = checking ? (offline ? Mode.CHECK_OFFLINE : Mode.CHECK) : mode;
            return new CommandLine(
                    what, file, prefix, macros, new Run(verbose, paused, traces, backends));
        }
    }
}
