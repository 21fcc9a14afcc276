package smtpd.scheduler;

/// [FairnessTest] with an index on disk.
class SqliteFairnessTest extends FairnessTest {
    @Override
    Backends backend() {
        return Backends.SQLITE;
    }
}
