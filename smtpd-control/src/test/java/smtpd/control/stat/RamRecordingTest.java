package smtpd.control.stat;

final class RamRecordingTest extends RecordingContract {
    @Override
    Recording open() {
        return Recording.ram();
    }
}
