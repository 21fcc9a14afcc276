package smtpd.e2e.sim;

import smtpd.core.imsg.DnsAnswer;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Outcome;

import java.util.List;

/// How the world outside treats recipients, by their domain or user; kinder once the troubles are
/// over.
final class FarEnd {
    static final List<String> DOMAINS =
            List.of("a.example", "b.example", "c.example", "slow.example");
    static final List<String> HARD_DOMAINS =
            List.of("full.example", "gone.example", "nodomain.example", "nullmx.example");
    static final List<String> USERS = List.of("ada", "ben", "cyd");

    private final Dice dice;
    private int refusals;

    FarEnd(Dice dice, int refusals) {
        this.dice = dice;
        this.refusals = refusals;
    }

    void calmDown() {
        refusals = 0;
    }

    boolean calm() {
        return refusals == 0;
    }

    /// What the recipient's server says.
    Outcome answer(Envelope envelope) {
        return switch (envelope.dest().domain()) {
            case "full.example" -> Outcome.TEMPFAIL;
            case "gone.example" -> Outcome.PERMFAIL;
            default -> {
                if (!dice.percent(refusals)) {
                    yield Outcome.OK;
                }
                boolean forNow = dice.percent(70) || envelope.sender().isNull();
                yield forNow ? Outcome.TEMPFAIL : Outcome.PERMFAIL;
            }
        };
    }

    /// What DNS says.
    DnsAnswer dns(String domain) {
        return switch (domain) {
            case "nodomain.example" -> DnsAnswer.NO_DOMAIN;
            case "nullmx.example" -> DnsAnswer.NULL_MX;
            default -> dice.percent(refusals / 4) ? DnsAnswer.TEMPFAIL : DnsAnswer.FOUND;
        };
    }

    /// Whether mail for a domain can fail for good without a server being asked.
    static boolean unreachable(String domain) {
        return domain.equals("nodomain.example") || domain.equals("nullmx.example");
    }
}
