package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.SessionId;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

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

    /// A transaction: tasks of one message with the relays they came from, and the whole of them.
    ///
    /// @param parts at least one
    /// @param whole all their envelopes
    record Given(List<Part> parts, Task whole) {
        /// One relay's share.
        record Part(Relay relay, Task task) {}

        static Given of(List<Part> parts) {
            Task first = parts.getFirst().task();
            if (parts.size() == 1) {
                return new Given(parts, first);
            }
            List<Envelope> all = new ArrayList<>();
            int attempts = 0;
            for (Part part : parts) {
                all.addAll(part.task().envelopes());
                attempts = Math.max(attempts, part.task().attempts());
            }
            return new Given(
                    parts, new Task(first.msgid(), first.size(), first.sender(), all, attempts));
        }

        /// The relay whose limits count.
        Relay relay() {
            return parts.getFirst().relay();
        }
    }

    LiveSession(SessionId id, Route route, Connector connector, OpenSession handle, Instant now) {
        this.id = id;
        this.route = route;
        this.connector = connector;
        this.handle = handle;
        this.since = now;
    }

    /// Whether it is at a large message, or has one before it.
    boolean isAtLarge() {
        for (Given one : given) {
            if (one.whole().isLarge()) {
                return true;
            }
        }
        return false;
    }

    boolean isOpen() {
        return state == State.READY;
    }

    boolean isIdle() {
        return state == State.READY && given.isEmpty();
    }
}
