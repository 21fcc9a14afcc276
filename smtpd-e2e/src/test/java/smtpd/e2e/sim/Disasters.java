package smtpd.e2e.sim;

import smtpd.testkit.fs.DiskFault;
import smtpd.testkit.sim.SimPeer;
import smtpd.testkit.sim.SimProcess;

import java.time.Duration;
import java.util.List;

/// What goes wrong, and when: mostly while messages are under way between processes.
final class Disasters {
    private static final long ROOM = 1L << 40;

    private final MailWorld at;
    private final Dice dice;
    private boolean over;

    Disasters(MailWorld at) {
        this.at = at;
        dice = new Dice(at.world.random("disasters"));
    }

    void begin() {
        at.links.forEach(link -> {
            watch(link.left());
            watch(link.right());
        });
        if (at.plan.faults().deathsPerMessage() > 0) {
            at.world.after(dice.between(Duration.ZERO, at.plan.trouble()), this::strike);
        }
    }

    private void watch(SimPeer<?, ?> peer) {
        peer.onHearing(_ -> {
            if (!over && dice.random().nextDouble() < at.plan.faults().deathsPerMessage()) {
                at.world.after(dice.millis(0, 3), this::strike);
            }
        });
    }

    private void strike() {
        if (over) {
            return;
        }
        int which = dice.random().nextInt(100);
        if (which < 25) {
            kill(at.queue);
        } else if (which < 70) {
            kill(dice.one(List.of(at.scheduler, at.mta, at.mda, at.lka, at.smtp)));
        } else if (which < 80) {
            if (at.plan.faults().machine()) {
                powerCut();
            }
        } else if (which < 85) {
            if (at.plan.faults().clock()) {
                stepClock();
            }
        } else if (at.plan.faults().disk()) {
            diskFault();
        }
    }

    private void kill(SimProcess process) {
        if (process == at.queue && process.isAlive()) {
            at.disk.kill();
        }
        at.kill(process);
    }

    private void powerCut() {
        at.world.trace(() -> "power cut");
        at.processes.forEach(at::kill);
        at.disk.powerCut();
    }

    private void stepClock() {
        Duration target = Duration.ofDays(dice.random().nextInt(-1, 2));
        at.world.stepWall(target.minus(Duration.between(at.world.time(), at.world.wall())));
    }

    private void diskFault() {
        long call = at.disk.calls() + dice.random().nextInt(1, 12);
        switch (dice.random().nextInt(5)) {
            case 0 -> {
                at.ledger.troubles.diskFails(at.world.nanos());
                at.disk.failOnce(call, DiskFault.IO_ERROR);
                at.world.after(dice.millis(30_000, 300_000), this::repair);
            }
            case 1 -> {
                at.ledger.troubles.diskFails(at.world.nanos());
                at.disk.capacity(at.disk.used() + dice.random().nextInt(6000));
                at.world.after(dice.millis(5_000, 120_000), this::repair);
            }
            case 2 -> at.disk.failOnce(call, DiskFault.CRASH_AFTER);
            default -> at.disk.failOnce(call, DiskFault.CRASH_BEFORE);
        }
    }

    /// A file operation was cut off: the queue or the whole machine died in it.
    void diskStopped() {
        if (!at.plan.faults().machine() || dice.percent(50)) {
            kill(at.queue);
        } else {
            powerCut();
        }
    }

    private void repair() {
        at.disk.capacity(ROOM);
        at.disk.plan(_ -> null);
        if (at.storeFailed) {
            kill(at.queue);
        }
        at.ledger.troubles.diskWorks(at.world.nanos());
    }

    void end() {
        over = true;
        repair();
    }
}
