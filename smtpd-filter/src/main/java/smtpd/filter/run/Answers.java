package smtpd.filter.run;

import smtpd.filter.Decision;
import smtpd.filter.Phase;
import smtpd.filter.wire.ServerLine;

/// Decisions as they are written in the protocol.
final class Answers {
    private Answers() {}

    /// The decision and its field.
    static String of(ServerLine.Question question, Decision decision) {
        boolean isCommit = question.phase().equals(Phase.COMMIT.word());
        return switch (decision) {
            case Decision.Proceed() -> "proceed";
            case Decision.Junk() -> isCommit ? "proceed" : "junk";
            case Decision.Reject(String text) -> "reject|" + text;
            case Decision.Disconnect(String text) -> "disconnect|" + text;
            case Decision.Rewrite(String value) -> "rewrite|" + value;
            case Decision.Report(String text) -> "report|" + text;
            case Decision.Later later ->
                    throw new IllegalStateException("not decided yet: " + later);
        };
    }
}
