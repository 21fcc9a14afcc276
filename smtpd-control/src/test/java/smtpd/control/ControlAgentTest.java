package smtpd.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.ControlToSmtp;
import smtpd.core.imsg.ManagedService;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.Trace;
import smtpd.core.imsg.Verbose;
import smtpd.core.log.Traces;
import smtpd.core.mail.DeliveryType;
import smtpd.core.proc.Role;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

class ControlAgentTest {
    @TempDir Path directory;

    private World world;

    @BeforeEach
    void start() throws IOException {
        world = World.at(directory.resolve("smtpd.sock"));
    }

    @AfterEach
    void stop() {
        Traces.set("all", false);
        world.close();
    }

    private List<String> status() {
        AtomicReference<List<String>> lines = new AtomicReference<>(List.of());
        world.inAgent(agent -> lines.set(agent.statusLines()));
        return lines.get();
    }

    @Test
    void restartedProcessesAreToldWhatIsPaused() throws IOException, InterruptedException {
        world.inAgent(agent -> {
            agent.paused(ManagedService.SMTP, true);
            agent.paused(ManagedService.MTA, true);
        });
        world.attachSmtp();
        assertEquals(new ControlToSmtp.Pause(true), world.toSmtp.take());
        world.restartScheduler();
        ControlToScheduler wanted = new ControlToScheduler.Pause(DeliveryType.MTA, true);
        while (!world.commands.contains(wanted)) {
            Thread.onSpinWait();
        }
        assertEquals(List.of(wanted), List.copyOf(world.commands));
    }

    @Test
    void restartedProcessesAreToldWhatIsTraced() throws IOException, InterruptedException {
        world.inAgent(agent -> {
            assertTrue(agent.trace(new Trace("mta", true)));
            assertTrue(agent.trace(new Trace("io", true)));
            assertTrue(agent.trace(new Trace("io", false)));
            agent.verbose(new Verbose(true));
        });
        assertEquals(new Trace("mta", true), world.toSmtp.take());
        assertEquals(new Trace("io", true), world.toSmtp.take());
        assertEquals(new Trace("io", false), world.toSmtp.take());
        assertEquals(new Verbose(true), world.toSmtp.take());
        world.attachSmtp();
        assertEquals(new Verbose(true), world.toSmtp.take());
        assertEquals(new Trace("mta", true), world.toSmtp.take());
        world.inAgent(agent -> agent.verbose(new Verbose(false)));
    }

    private static ParentToChild.ProcessStatus self(int starts) {
        return new ParentToChild.ProcessStatus(Role.CONTROL, 1, starts, "");
    }

    @Test
    void processStartedAnewRemembersWhatIsPaused() throws InterruptedException {
        world.inAgent(agent -> {
            agent.recall("started 1799999990\npaused smtp\nverbose false\ntrace mta\n");
            agent.onProcess(self(2));
        });
        assertEquals(new Verbose(false), world.toSmtp.take());
        assertEquals(new Trace("mta", true), world.toSmtp.take());
        assertEquals(new ControlToSmtp.Pause(true), world.toSmtp.take());
        assertEquals("SMTP paused", status().get(2));
        world.inAgent(agent -> assertEquals("uptime=10", agent.statLines(World.NOW).getFirst()));
        world.inAgent(agent -> agent.paused(ManagedService.SMTP, false));
        assertEquals("started 1799999990\nverbose false\ntrace mta\n", world.kept.getLast());
    }

    @Test
    void firstProcessOfADaemonRemembersNothing() {
        world.inAgent(agent -> {
            agent.recall("started 1799999990\npaused smtp\n");
            agent.onProcess(self(1));
        });
        assertEquals("SMTP running", status().get(2));
        assertEquals(List.of("started 1800000000\n"), List.copyOf(world.kept));
    }

    @Test
    void whatIsNoMemoryIsForgotten() {
        for (String text :
                List.of("", "x", "paused mta\n", "started x\n", "started 1\npaused x\n")) {
            assertEquals(java.util.Optional.empty(), Memory.parse(text));
        }
    }

    @Test
    void unknownSubsystemsAreNotTraced() {
        world.inAgent(agent -> assertFalse(agent.trace(new Trace("nonsense", true))));
    }

    @Test
    void statusBeginsWithThreeLinesThatScriptsKnow() {
        world.inAgent(agent -> {
            agent.startsPaused(ManagedService.MTA);
            agent.onProcess(new ParentToChild.ProcessStatus(Role.CA, 0, 4, "uid=1 landlock=abi7"));
            agent.onProcess(
                    new ParentToChild.ProcessStatus(Role.SMTP, 99, 1, "uid=1 landlock=abi7"));
        });
        assertEquals(
                List.of(
                        "MDA running",
                        "MTA paused",
                        "SMTP running",
                        "process smtp pid=99 starts=1 sandbox: uid=1 landlock=abi7",
                        "process ca pid=down starts=4 sandbox: uid=1 landlock=abi7"),
                status());
    }

    @Test
    void statisticsEndWithTheUptime() {
        AtomicReference<List<String>> lines = new AtomicReference<>(List.of());
        world.inAgent(agent -> lines.set(agent.statLines(World.NOW.plusSeconds(93_784))));
        assertEquals(List.of("uptime=93784", "uptime.human=1d2h3m4s"), lines.get());
    }
}
