package smtpd.scheduler;

/// [RunQueueOperatorTest] with an index on disk and room for next to nothing.
class TinySqliteRunQueueOperatorTest extends RunQueueOperatorTest {
    @Override
    Backends backend() {
        return Backends.TINY;
    }
}
