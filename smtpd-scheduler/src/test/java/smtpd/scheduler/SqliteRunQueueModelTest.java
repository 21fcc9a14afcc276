package smtpd.scheduler;

/// [RunQueueModelTest] with an index on disk.
class SqliteRunQueueModelTest extends RunQueueModelTest {
    @Override
    Backends backend() {
        return Backends.SQLITE;
    }
}
