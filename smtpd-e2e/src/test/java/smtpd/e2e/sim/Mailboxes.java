package smtpd.e2e.sim;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Outcome;
import smtpd.mda.Deliveries;
import smtpd.mda.Delivery;
import smtpd.mda.Verdict;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Mailboxes on this machine.
final class Mailboxes implements Deliveries {
    private final MailWorld at;
    private final Dice dice;

    Mailboxes(MailWorld at) {
        this.at = at;
        dice = new Dice(at.world.random("mailboxes " + at.mda.life()));
    }

    @Override
    public void start(Delivery delivery, Consumer<List<Verdict>> done) {
        byte @Nullable [] content = at.content(delivery.msgid());
        Duration work = dice.percent(5) ? dice.millis(1000, 30_000) : dice.millis(1, 50);
        Duration end = work.plus(dice.millis(0, 20));
        List<Verdict> verdicts = new ArrayList<>();
        List<Rcpt.Attempt> attempts = new ArrayList<>();
        for (Envelope envelope : delivery.envelopes()) {
            if (content != null) {
                at.ledger.read(envelope, content);
            }
            Rcpt.@Nullable Attempt attempt = at.ledger.attempt(envelope, DeliveryType.MDA);
            Outcome outcome = content == null ? Outcome.TEMPFAIL : at.farEnd.answer(envelope);
            if (outcome == Outcome.OK) {
                at.mda.after(work, () -> at.ledger.delivered(envelope, attempt));
            } else if (outcome == Outcome.PERMFAIL) {
                at.refused(envelope, outcome, null);
            }
            if (attempt != null) {
                attempt.deferred = outcome == Outcome.TEMPFAIL;
                attempts.add(attempt);
            }
            verdicts.add(verdict(outcome));
        }
        at.mda.after(
                end,
                () -> {
                    attempts.forEach(attempt -> attempt.reported = at.world.nanos());
                    done.accept(verdicts);
                });
    }

    private static Verdict verdict(Outcome outcome) {
        return switch (outcome) {
            case OK -> Verdict.DELIVERED;
            case TEMPFAIL -> Verdict.tempfail("4.2.2", "mailbox full");
            case PERMFAIL -> Verdict.permfail("5.2.1", "mailbox disabled");
            case LOOP -> Verdict.LOOP;
        };
    }
}
