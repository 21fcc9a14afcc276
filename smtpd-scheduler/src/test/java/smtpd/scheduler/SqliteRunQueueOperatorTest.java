package smtpd.scheduler;

/// [RunQueueOperatorTest] with an index on disk.
class SqliteRunQueueOperatorTest extends RunQueueOperatorTest {
    @Override
    Backends backend() {
        return Backends.SQLITE;
    }
}
