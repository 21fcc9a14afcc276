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
    /// @param heloNames tells names of `helo-src`
    /// @param clock for delays in the log
    /// @param statistics where sessions count
    public SessionThreads(
            Executor agent,
            ContentSource content,
            HeloNames heloNames,
            InstantSource clock,
            Statistics statistics) {
        this(
                agent,
                new MtaSession.World(
                        TcpTransport::connect,
                        content,
                        heloNames,
                        Phase::patience,
                        clock,
                        statistics));
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
