package smtpd.control.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.control.Mails;
import smtpd.control.World;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.SchedulePhase;
import smtpd.core.imsg.ScheduleState;
import smtpd.core.imsg.Selection;
import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

class SmtpctlTest {
    @TempDir Path prefix;

    private World world;
    private Programs programs;

    @BeforeEach
    void start() throws IOException {
        Files.createDirectories(prefix.resolve("run"));
        world = World.at(prefix.resolve("run/smtpd.sock"));
        programs = new Programs(prefix);
    }

    @AfterEach
    void stop() {
        world.close();
    }

    private Programs.Result smtpctl(String words) {
        return programs.run("smtpctl", "", words.split(" ", -1));
    }

    private void queue(Envelope envelope) {
        world.envelopes.put(envelope.id().value(), envelope);
        world.states.put(
                envelope.id().value(),
                new ScheduleState(
                        envelope.id(),
                        SchedulePhase.PENDING,
                        false,
                        World.NOW.plusSeconds(7),
                        Instant.EPOCH));
    }

    @Test
    void emptyQueuePrintsNothing() {
        assertEquals(new Programs.Result(0, "", ""), smtpctl("show queue"));
        assertEquals(new Programs.Result(0, "", ""), programs.run("mailq", ""));
    }

    @Test
    void queueOfManyPagesIsListedWhole() {
        for (int i = 1; i <= 700; i++) {
            queue(Mails.remote(new MsgId(i).envelope(i).toString()));
        }
        Programs.Result result = programs.run("mailq", "");
        assertEquals(0, result.status());
        assertEquals(700, result.out().lines().count());
        assertTrue(result.out().lines().allMatch(line -> line.contains("|pending|7|451 ")));
    }

    @Test
    void queueOfOneMessage() {
        queue(Mails.remote("0000000100000001"));
        queue(Mails.remote("0000000200000001"));
        queue(Mails.remote("0000000200000002"));
        queue(Mails.remote("0000000300000001"));
        assertEquals(
                List.of("0000000200000001", "0000000200000002"),
                smtpctl("show queue 00000002")
                        .out()
                        .lines()
                        .map(line -> line.substring(0, 16))
                        .toList());
    }

    @Test
    void envelopeIsShownOrMissing() {
        queue(Mails.remote("0000000200000001"));
        assertTrue(
                smtpctl("show envelope 0000000200000001").out().contains("rcpt: slow@remote.test"));
        assertEquals(
                new Programs.Result(1, "command failed: no such envelope\n", ""),
                smtpctl("show envelope 0000000200000002"));
    }

    @Test
    void messageIsShownAsItIs() {
        world.content = List.of("Subject: x\r\n", "\r\nfoo\r\n");
        assertEquals(
                new Programs.Result(0, "Subject: x\r\n\r\nfoo\r\n", ""),
                smtpctl("show message 0000000200000001"));
    }

    @Test
    void statisticsAndStatus() {
        assertTrue(smtpctl("show stats").out().contains("uptime=0\nuptime.human=0s\n"));
        assertEquals(
                new Programs.Result(0, "MDA running\nMTA running\nSMTP running\n", ""),
                smtpctl("show status"));
    }

    @Test
    void pauseShowsInTheStatusAndFailsTheSecondTime() {
        assertEquals(new Programs.Result(0, "command succeeded\n", ""), smtpctl("pause mta"));
        assertEquals(
                List.of(new ControlToScheduler.Pause(DeliveryType.MTA, true)),
                List.copyOf(world.commands));
        assertTrue(smtpctl("show status").out().contains("MTA paused"));
        world.schedulerAgrees = false;
        assertEquals(
                new Programs.Result(1, "command failed: so it is already\n", ""),
                smtpctl("pause mta"));
        world.schedulerAgrees = true;
        assertEquals(0, smtpctl("resume mta").status());
        assertTrue(smtpctl("show status").out().contains("MTA running"));
    }

    @Test
    void smtpIsPausedOnce() {
        assertEquals(0, smtpctl("pause smtp").status());
        assertEquals(
                new Programs.Result(1, "command failed: smtp is paused already\n", ""),
                smtpctl("pause smtp"));
        assertTrue(smtpctl("show status").out().contains("SMTP paused"));
        assertEquals(0, smtpctl("resume smtp").status());
        assertEquals(1, smtpctl("resume smtp").status());
    }

    @Test
    @DisplayName("F-94: what a command reached is counted and said")
    void envelopeCommandsSayHowManyTheyReached() {
        assertEquals("1 envelope removed\n", smtpctl("remove 0000000200000001").out());
        assertEquals("2 envelopes scheduled\n", smtpctl("schedule 00000002").out());
        assertEquals("3 envelopes paused\n", smtpctl("pause envelope all").out());
        assertEquals("4 envelopes resumed\n", smtpctl("resume envelope 00000003").out());
        assertEquals(
                List.of(
                        new ControlToScheduler.Remove(new Selection(0x0000000200000001L)),
                        new ControlToScheduler.Schedule(new Selection(0x0000000200000000L)),
                        new ControlToScheduler.Suspend(new Selection(0), true),
                        new ControlToScheduler.Suspend(new Selection(0x0000000300000000L), false)),
                List.copyOf(world.commands));
        world.commands.clear();
        assertEquals("1 envelope extended\n", smtpctl("extend 00000003 by 2d").out());
        assertEquals("2 envelopes extended\n", smtpctl("extend all by 90m").out());
        assertEquals("3 envelopes extended\n", smtpctl("extend domain a.example by 1h").out());
        assertEquals(255, smtpctl("extend all by 1w").status());
        assertEquals(
                List.of(
                        new ControlToScheduler.Extend(
                                new Selection(0x0000000300000000L), "", Duration.ofDays(2)),
                        new ControlToScheduler.Extend(new Selection(0), "", Duration.ofMinutes(90)),
                        new ControlToScheduler.Extend(
                                new Selection(0), "a.example", Duration.ofHours(1))),
                List.copyOf(world.commands));
        assertEquals("0 envelope removed", Smtpctl.envelopes(0, "removed"));
    }

    @Test
    @DisplayName("F-73: a command over many envelopes is waited for while the scheduler is at it")
    void aLongCommandIsWaitedFor() {
        world.progress = 3;
        assertEquals("1 envelope removed\n", smtpctl("remove all").out());
    }

    @Test
    void otherCommands() {
        assertEquals("ROUTES\n", smtpctl("show routes").out());
        assertEquals("HOSTS\n", smtpctl("show hosts").out());
        assertEquals("command succeeded\n", smtpctl("resume route 4").out());
        assertEquals("command succeeded\n", smtpctl("update table aliases").out());
        assertEquals("command failed: no such table\n", smtpctl("update table x").out());
        assertEquals(
                new Programs.Result(
                        1,
                        "pki a.example: renewed\npki b.example: kept as it was: no key\n"
                                + "command failed: 1 of 2 kept as it was\n",
                        ""),
                smtpctl("update pki"));
        assertEquals("command succeeded\n", smtpctl("log verbose").out());
        assertEquals("command succeeded\n", smtpctl("log brief").out());
        assertEquals("command failed: no such trace subsystem\n", smtpctl("trace nonsense").out());
        assertEquals(1, smtpctl("discover 00000002").status());
    }

    @Test
    void unknownCommandListsThePossibilities() {
        assertEquals(
                new Programs.Result(255, "", "possibilities are:\n  log brief\n  log verbose\n"),
                smtpctl("log loud"));
    }

    @Test
    void deadPeerIsAFailureAndNoHang() {
        world.loseSmtp();
        Programs.Result result = smtpctl("pause smtp");
        assertEquals(1, result.status());
        assertTrue(result.out().startsWith("command failed: smtp: "), result.out());
    }

    @Test
    void deadDaemon() {
        Programs nobody = new Programs(prefix.resolve("nowhere"));
        assertEquals(
                new Programs.Result(1, "", "smtpctl: smtpd doesn't seem to be running\n"),
                nobody.run("smtpctl", "", "show", "stats"));
        assertEquals(
                new Programs.Result(1, "", "mailq: smtpd doesn't seem to be running\n"),
                nobody.run("mailq", ""));
    }

    @Test
    void socketAndPrefixMayBeSaid() {
        Programs nowhere = new Programs(prefix.resolve("nowhere"));
        assertEquals(
                0,
                nowhere.run("smtpctl", "", "--prefix", prefix.toString(), "show", "status")
                        .status());
        assertEquals(
                0,
                nowhere.with("SMTPD_SOCKET", world.path().toString())
                        .run("smtpctl", "", "show", "status")
                        .status());
    }

    @Test
    void monitorPrintsDifferences() {
        String line =
                Monitor.line(
                        Map.of("scheduler.delivery.ok", 4L, "scheduler.envelope", 10L),
                        Map.of(
                                "scheduler.delivery.ok", 9L,
                                "scheduler.envelope", 12L,
                                "smtp.session", 3L));
        assertEquals(
                List.of("3", "3", "0", "12", "7", "5", "5", "0", "0", "0", "0", "0", "0"),
                List.of(line.strip().split(" +", -1)));
    }
}
