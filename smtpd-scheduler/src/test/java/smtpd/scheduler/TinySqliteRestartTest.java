package smtpd.scheduler;

/// [RestartTest] with an index on disk and room for next to nothing.
class TinySqliteRestartTest extends RestartTest {
    @Override
    Backends backend() {
        return Backends.TINY;
    }
}
