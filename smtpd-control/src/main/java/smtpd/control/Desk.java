package smtpd.control;

import smtpd.control.stat.History;
import smtpd.control.stat.LatestReading;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.proc.PeerLost;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// What a client's session needs of the process it runs in.
interface Desk {
    /// How long a peer may take for an answer: the queue may have to look through a large store.
    Duration PATIENCE = Duration.ofSeconds(30);

    /// The other processes.
    Peers peers();

    /// What the statistics were.
    History history();

    /// How the statistics stood a moment ago.
    LatestReading latest();

    /// The steady clock.
    Instant now();

    /// Runs `task` in the agent's thread.
    void post(java.util.function.Consumer<ControlAgent> task);

    /// The uid of a user name; empty if there is none or nobody can tell now.
    Optional<Integer> uidOf(String user);

    /// Has the parent read the files of `pki` and `ca` again, and waits until what they hold is in
    /// use.
    ParentToChild.PkiUpdated updatePki() throws PeerLost;

    /// Asks the agent and waits for its answer, which takes it no time.
    default <T> T ask(Function<ControlAgent, T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        post(agent -> answer.complete(question.apply(agent)));
        return answer.join();
    }
}
