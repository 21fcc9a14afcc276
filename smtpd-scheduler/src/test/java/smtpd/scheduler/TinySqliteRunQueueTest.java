package smtpd.scheduler;

/// [RunQueueTest] with an index on disk and room for next to nothing.
class TinySqliteRunQueueTest extends RunQueueTest {
    @Override
    Backends backend() {
        return Backends.TINY;
    }
}
