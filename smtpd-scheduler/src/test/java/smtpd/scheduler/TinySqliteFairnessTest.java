package smtpd.scheduler;

/// [FairnessTest] with an index on disk and room for next to nothing.
class TinySqliteFairnessTest extends FairnessTest {
    @Override
    Backends backend() {
        return Backends.TINY;
    }
}
