package smtpd.scheduler;

/// [SummaryTest] with an index on disk.
class SqliteSummaryTest extends SummaryTest {
    @Override
    Backends backend() {
        return Backends.SQLITE;
    }
}
