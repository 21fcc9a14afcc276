package smtpd.scheduler;

import java.util.stream.LongStream;

/// [RunQueueModelTest] with an index on disk.
class SqliteRunQueueModelTest extends RunQueueModelTest {
    static LongStream seeds() {
        return LongStream.rangeClosed(1, 50);
    }

    @Override
    Backends backend() {
        return Backends.SQLITE;
    }
}
