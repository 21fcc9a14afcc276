package smtpd.mta;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.EvpId;

import java.util.List;

/// What a session tells the agent.
public sealed interface SessionReport {
    /// The server has greeted us: messages may be given.
    record Ready() implements SessionReport {}

    /// The first message given has been seen to.
    ///
    /// @param results how envelopes fared
    /// @param untried envelopes that the server gave no answer about, fit for another session
    /// @param unfit envelopes that this server cannot be given, and why; another one may take them
    record Finished(List<DeliveryResult> results, List<EvpId> untried, List<DeliveryResult> unfit)
            implements SessionReport {
        public Finished {
            results = List.copyOf(results);
            untried = List.copyOf(untried);
            unfit = List.copyOf(unfit);
        }

        /// About a server that could be given everything.
        public Finished(List<DeliveryResult> results, List<EvpId> untried) {
            this(results, untried, List.of());
        }
    }

    /// The connection is closed; what was given and not finished has not been tried.
    ///
    /// @param verdict what it means for the route
    record Ended(RouteVerdict verdict) implements SessionReport {}
}
