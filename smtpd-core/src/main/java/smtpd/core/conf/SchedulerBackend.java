package smtpd.core.conf;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Where the scheduler keeps what it knows of each envelope (`scheduler backend NAME`, `-B
/// scheduler=NAME`).
public enum SchedulerBackend {
    /// In memory.
    RAM("ram"),
    /// In memory what is being worked on, the rest in an SQLite database.
    SQLITE("sqlite");

    private final String word;

    SchedulerBackend(String word) {
        this.word = word;
    }

    /// Its name.
    public String word() {
        return word;
    }

    /// The one of a name; empty if there is none.
    public static Optional<SchedulerBackend> of(String name) {
        return Stream.of(values()).filter(it -> it.word.equals(name)).findFirst();
    }

    /// What to say of a name that is none.
    public static String unknown(String name) {
        return "scheduler backend \""
                + name
                + "\" does not exist, there are "
                + Stream.of(values()).map(SchedulerBackend::word).collect(Collectors.joining(", "));
    }
}
