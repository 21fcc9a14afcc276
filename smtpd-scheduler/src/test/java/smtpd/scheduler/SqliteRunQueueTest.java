package smtpd.scheduler;

/// [RunQueueTest] with an index on disk.
class SqliteRunQueueTest extends RunQueueTest {
    @Override
    Backends backend() {
        return Backends.SQLITE;
    }
}
