package smtpd.mta;

import smtpd.core.stat.Statistics;

import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// Sessions over TCP, each on a virtual thread of its own.
public final class SessionThreads implements Sessions {
    private final Executor agent;
    private final MtaSession.World world;

    /// @param agent runs reports in the agent's thread: its mailbox
    /// @param content where messages come from
    /// @param desk what lka and the certificates tell
    /// @param clock for delays in the log
    /// @param statistics where sessions count
    SessionThreads(
            Executor agent,
            ContentSource content,
            MtaSession.Desk desk,
            InstantSource clock,
            Statistics statistics) {
        this(
                agent,
                new MtaSession.World(
                        TcpTransport::connect, content, desk, Phase::patience, clock, statistics));
    }

    SessionThreads(Executor agent, MtaSession.World world) {
        this.agent = agent;
        this.world = world;
    }

    @Override
    public OpenSession open(SessionPlan plan, Consumer<SessionReport> reports) {
        MtaSession session =
                new MtaSession(plan, world, report -> agent.execute(() -> reports.accept(report)));
        session.start();
        return session;
    }
}
