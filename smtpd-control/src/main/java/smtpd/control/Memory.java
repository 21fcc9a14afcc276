package smtpd.control;

import smtpd.core.imsg.ManagedService;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What control must still know when it is started anew while the daemon goes on: the other
/// processes have kept to it meanwhile. As text, a fact on each line.
///
/// @param started when the daemon was started
/// @param paused the services that are paused
/// @param verbose how verbose the operator wants the log, if that was said
/// @param traces the subsystems that are traced
record Memory(
        Instant started,
        Set<ManagedService> paused,
        Optional<Boolean> verbose,
        Set<String> traces) {
    /// The text form.
    String text() {
        List<String> lines = new ArrayList<>();
        lines.add("started " + started.getEpochSecond());
        paused.forEach(service -> lines.add("paused " + word(service)));
        verbose.ifPresent(on -> lines.add("verbose " + on));
        traces.forEach(name -> lines.add("trace " + name));
        return String.join("\n", lines) + "\n";
    }

    private static String word(ManagedService service) {
        return service.name().toLowerCase(Locale.ROOT);
    }

    /// Reads the text form; empty if it is none.
    static Optional<Memory> parse(String text) {
        Instant started = Instant.EPOCH;
        Set<ManagedService> paused = EnumSet.noneOf(ManagedService.class);
        Optional<Boolean> verbose = Optional.empty();
        Set<String> traces = new LinkedHashSet<>();
        try {
            for (String line : text.lines().toList()) {
                String[] words = line.split(" ", 2);
                String value = words.length > 1 ? words[1] : "";
                switch (words[0]) {
                    case "started" -> started = Instant.ofEpochSecond(Long.parseLong(value));
                    case "paused" ->
                            paused.add(ManagedService.valueOf(value.toUpperCase(Locale.ROOT)));
                    case "verbose" -> verbose = Optional.of(Boolean.valueOf(value));
                    case "trace" -> traces.add(value);
                    default -> {
                        return Optional.empty();
                    }
                }
            }
        } catch (IllegalArgumentException | java.time.DateTimeException _) {
            return Optional.empty();
        }
        return started.equals(Instant.EPOCH)
                ? Optional.empty()
                : Optional.of(new Memory(started, paused, verbose, traces));
    }
}
