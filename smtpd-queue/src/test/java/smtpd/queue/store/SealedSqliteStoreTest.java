package smtpd.queue.store;

/// The contract over a database that holds mail that is compressed, then sealed.
class SealedSqliteStoreTest extends SqliteStoreTest {
    @Override
    Packing packing() {
        return Packings.both();
    }
}
