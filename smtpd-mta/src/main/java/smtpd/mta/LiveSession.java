package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.SessionId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;

/// A session as the agent sees it: what it is doing, and what it was given.
final class LiveSession {
    final SessionId id;
    final Route route;
    final OpenSession handle;

    /// Given and not yet answered, in order; the first is under way.
    final ArrayDeque<Given> given = new ArrayDeque<>();

    /// The relay it counts for.
    Connector connector;

    State state = State.CONNECTING;

    /// Since when it has been in this state, or at this task.
    Instant since;

    /// When the next message may be given.
    Instant readyAt = Instant.MIN;

    /// How long the last message took; null before the first.
    @Nullable Duration lastTook;

    /// How many messages it was given.
    int messages;

    /// How many of them had a recipient that the server took.
    int delivered;

    /// What a session is doing.
    enum State {
        /// Until it has greeted.
        CONNECTING,
        /// Takes messages.
        READY,
        /// Told to end, or ending.
        CLOSING
    }

    /// A task with the relay it came from.
    record Given(Relay relay, Task task) {}

    LiveSession(SessionId id, Route route, Connector connector, OpenSession handle, Instant now) {
        this.id = id;
        this.route = route;
        this.connector = connector;
        this.handle = handle;
        this.since = now;
    }

    boolean isOpen() {
        return state == State.READY;
    }

    boolean isIdle() {
        return state == State.READY && given.isEmpty();
    }
}
