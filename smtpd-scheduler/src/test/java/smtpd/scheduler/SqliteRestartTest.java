package smtpd.scheduler;

/// [RestartTest] with an index on disk.
class SqliteRestartTest extends RestartTest {
    @Override
    Backends backend() {
        return Backends.SQLITE;
    }
}
