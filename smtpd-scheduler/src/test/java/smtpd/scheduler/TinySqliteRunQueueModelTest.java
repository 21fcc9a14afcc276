package smtpd.scheduler;

import java.util.stream.LongStream;

/// [RunQueueModelTest] with an index on disk and room for next to nothing.
class TinySqliteRunQueueModelTest extends RunQueueModelTest {
    static LongStream seeds() {
        return LongStream.rangeClosed(1, 25);
    }

    @Override
    Backends backend() {
        return Backends.TINY;
    }
}
