package smtpd.scheduler;

import smtpd.core.conf.Limits;
import smtpd.core.mail.Secret;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/// The implementations that pass the same tests.
enum Backends {
    RAM,
    /// With room for all there is in a test.
    SQLITE,
    /// With room for next to nothing.
    TINY;

    static final Capacity LARGE_CAPACITY = new Capacity(1_000_000, 125_000, 125_000, 1_000_000);

    /// How names stand in the indexes of tests.
    static final ShelfNames SEALED = ShelfNames.of(new Secret("5e".repeat(32)));

    static final Capacity TINY_CAPACITY = new Capacity(16, 2, 2, 4);

    RunQueue make(Path directory, Limits.Scheduler limits, RandomGenerator random) {
        return switch (this) {
            case RAM -> new RamRunQueue(limits, random);
            case SQLITE -> sqlite(directory, limits, random, LARGE_CAPACITY);
            case TINY -> sqlite(directory, limits, random, TINY_CAPACITY);
        };
    }

    static SqliteRunQueue sqlite(
            Path directory, Limits.Scheduler limits, RandomGenerator random, Capacity capacity) {
        try {
            ShelfFile file =
                    ShelfFile.open(
                            Files.createTempDirectory(directory, "index"),
                            SEALED,
                            warning -> {
                                throw new AssertionError(warning);
                            });
            return new SqliteRunQueue(limits, random, file, capacity);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
