package smtpd.e2e.sim;

import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;

import java.time.Duration;

/// Somebody with `smtpctl`: holds, resumes, schedules and removes.
final class Operator {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final MailWorld at;
    private final Dice dice;

    Operator(MailWorld at) {
        this.at = at;
        dice = new Dice(at.world.random("operator"));
    }

    void begin() {
        if (at.plan.operator()) {
            for (int i = 0; i < 6; i++) {
                at.world.after(dice.between(Duration.ZERO, at.plan.trouble()), this::act);
            }
        }
    }

    private void act() {
        if (at.isCalm() || at.ledger.letters.isEmpty()) {
            return;
        }
        Letter letter = dice.one(at.ledger.letters);
        Selection which =
                new Selection(dice.percent(20) ? 0 : letter.msgid.envelope(1).value() - 1);
        switch (dice.random().nextInt(6)) {
            case 0 -> ask(new ControlToScheduler.Pause(DeliveryType.MTA, dice.percent(50)));
            case 1 -> ask(new ControlToScheduler.Suspend(which, false));
            case 2 -> ask(new ControlToScheduler.Suspend(which, true));
            case 3 -> remove(letter);
            default -> {
                at.ledger.rcpts.values().forEach(rcpt -> rcpt.scheduled = true);
                ask(new ControlToScheduler.Schedule(which));
            }
        }
    }

    private void remove(Letter letter) {
        at.world.trace(() -> "operator removes " + letter.name);
        letter.rcpts.forEach(rcpt -> rcpt.removalAsked = true);
        ask(new ControlToScheduler.Remove(new Selection(letter.msgid.envelope(1).value() - 1)));
    }

    /// Nothing stays held or paused.
    void end() {
        at.world.after(
                Duration.ofSeconds(60),
                () -> {
                    ask(new ControlToScheduler.Suspend(new Selection(0), false));
                    ask(new ControlToScheduler.Pause(DeliveryType.MTA, false));
                });
    }

    private void ask(ControlToScheduler command) {
        at.controlScheduler.left().ask(command, PATIENCE, _ -> {});
    }
}
