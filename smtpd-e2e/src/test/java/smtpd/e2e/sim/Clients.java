package smtpd.e2e.sim;

import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.Peer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/// smtp as a model, and its clients: they send letters, change their minds, and hang up.
final class Clients {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final MailWorld at;
    private final Dice dice;
    private int letters;
    private int addresses;

    Clients(MailWorld at) {
        this.at = at;
        dice = new Dice(at.world.random("clients"));
    }

    /// Plans all letters of the world.
    void begin() {
        boolean burst = dice.percent(30);
        Duration span = burst ? Duration.ofSeconds(20) : at.plan.trouble();
        for (int i = 0; i < at.plan.messages(); i++) {
            at.world.after(dice.between(Duration.ZERO, span), this::send);
        }
    }

    private void send() {
        Letter letter = letter("letter-" + ++letters);
        if (!at.smtp.isAlive()) {
            return;
        }
        at.smtpQueue
                .left()
                .ask(
                        new SmtpToQueue.CreateMessage(),
                        PATIENCE,
                        answer -> {
                            if (answer
                                    instanceof
                                    Peer.Answer.Got(QueueToSmtp.MessageCreated it, int _)) {
                                at.ledger.begun(letter, it.msgid());
                                rcpt(letter, it.msgid(), dice.percent(5) ? 60 : 1 + letters % 7);
                            }
                        });
    }

    private Letter letter(String name) {
        MailAddr sender =
                switch (dice.random().nextInt(6)) {
                    case 0 -> MailAddr.NULL;
                    case 1 -> address("nobody", "here.example");
                    case 2 -> address("sender", "gone.example");
                    case 3 -> address("sender", "a.example");
                    default -> address("sender", "here.example");
                };
        Set<Dsn.Notify> notify =
                switch (dice.random().nextInt(8)) {
                    case 0 -> Set.of(Dsn.Notify.NEVER);
                    case 1 -> Set.of(Dsn.Notify.SUCCESS, Dsn.Notify.FAILURE);
                    case 2 -> Set.of(Dsn.Notify.SUCCESS);
                    default -> Set.of();
                };
        Dsn.Ret ret = dice.percent(30) ? Dsn.Ret.FULL : Dsn.Ret.UNSPECIFIED;
        List<Bytes> parts = new ArrayList<>();
        parts.add(Bytes.of("Subject: " + name + "\r\n\r\n"));
        for (int more = dice.random().nextInt(4); more > 0; more--) {
            parts.add(Bytes.of(("line of " + name + "\r\n").repeat(1 + dice.random().nextInt(80))));
        }
        return new Letter(name, sender, new Dsn(notify, ret, "", ""), parts);
    }

    private MailAddr address(String user, String domain) {
        return new MailAddr(user + ++addresses, domain);
    }

    private void rcpt(Letter letter, MsgId id, int left) {
        if (left == 0) {
            content(letter, id);
            return;
        }
        if (dice.percent(1)) {
            giveUp(letter, id);
            return;
        }
        List<MailAddr> dests = new ArrayList<>();
        for (int i = dice.percent(10) ? 3 : 1; i > 0; i--) {
            dests.add(dest());
        }
        boolean[] answered = new boolean[1];
        at.smtp.after(
                dice.millis(0, 10),
                () -> {
                    if (at.lka.isAlive()) {
                        at.expand(
                                letter,
                                id,
                                dests,
                                added -> {
                                    answered[0] = true;
                                    at.smtp.execute(() -> next(letter, id, left, added));
                                });
                    }
                });
        at.smtp.after(
                Duration.ofSeconds(70),
                () -> {
                    if (!answered[0]) {
                        answered[0] = true;
                        giveUp(letter, id);
                    }
                });
    }

    private MailAddr dest() {
        int kind = dice.random().nextInt(10);
        if (kind < 4) {
            return address("user", "here.example");
        }
        return address("to", dice.one(kind < 9 ? FarEnd.DOMAINS : FarEnd.HARD_DOMAINS));
    }

    private void next(Letter letter, MsgId id, int left, boolean added) {
        if (letter.fate != Letter.Fate.OPEN) {
            return;
        }
        if (added) {
            rcpt(letter, id, left - 1);
        } else {
            giveUp(letter, id);
        }
    }

    private void giveUp(Letter letter, MsgId id) {
        if (letter.fate == Letter.Fate.OPEN) {
            letter.fate = Letter.Fate.REFUSED;
            at.smtpQueue.left().send(new SmtpToQueue.Rollback(id));
        }
    }

    private void content(Letter letter, MsgId id) {
        letter.parts.forEach(part -> at.smtpQueue.left().send(new SmtpToQueue.BodyPart(id, part)));
        if (dice.percent(2)) {
            giveUp(letter, id);
            return;
        }
        byte[] content = letter.content();
        CRC32C crc = new CRC32C();
        crc.update(content);
        letter.fate = Letter.Fate.ASKED;
        at.smtpQueue
                .left()
                .ask(
                        new SmtpToQueue.Commit(id, content.length, (int) crc.getValue()),
                        PATIENCE,
                        answer -> committed(letter, answer));
        if (dice.percent(2)) {
            at.smtpQueue.left().send(new SmtpToQueue.Rollback(id));
        }
    }

    private void committed(Letter letter, Peer.Answer<QueueToSmtp> answer) {
        switch (answer) {
            case Peer.Answer.Got(QueueToSmtp.Committed _, int _) -> {
                letter.fate = Letter.Fate.ACCEPTED;
                at.world.trace(() -> "accepted " + letter.name);
            }
            case Peer.Answer.Got(QueueToSmtp.CommitFailed _, int _) -> {
                // a device that failed may have kept what it could not confirm
                if (!at.storeFailed) {
                    letter.fate = Letter.Fate.REFUSED;
                }
            }
            case Peer.Answer.Got<QueueToSmtp> _, Peer.Answer.Lost<QueueToSmtp> _ -> {}
        }
    }
}
