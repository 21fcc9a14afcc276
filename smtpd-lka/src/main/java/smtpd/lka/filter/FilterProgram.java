package smtpd.lka.filter;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// One program as the hub knows it, over all its runs.
///
/// State · `STARTING` from its start until it is ready · `READY` · `DOWN` until the next start.
final class FilterProgram {
    /// Octets a program has not read beyond which no content is given to it, and nobody who tells
    /// it something goes on.
    static final long HIGH = 1 << 18;

    /// Octets a program has not read beyond which it will never read: reports of many thousand
    /// sessions.
    static final long UNREAD_MAX = 1 << 25;

    /// How long a program may take to get ready.
    static final Duration SETUP = Duration.ofSeconds(30);

    /// Lines in a row that answer nothing: a program that floods us.
    static final int USELESS_MAX = 100_000;

    private final String name;
    private final List<Subsystem> subsystems;
    private final Duration patience;
    private final ArrayDeque<Edit.Stage> hungry = new ArrayDeque<>();
    private final Set<Edit> full = new HashSet<>();
    private Registration registration = new Registration();
    private State state = State.STARTING;
    private @Nullable Voice voice;
    private Duration backoff = Duration.ZERO;
    private Instant begun = Instant.EPOCH;
    private Instant heard = Instant.EPOCH;
    private boolean batchWaits;
    private int run;
    private int useless;

    /// Where it stands.
    enum State {
        STARTING,
        READY,
        DOWN
    }

    /// @param name the name of its `proc`
    /// @param subsystems where it is used
    /// @param patience how long it may leave what it is told unread
    FilterProgram(String name, List<Subsystem> subsystems, Duration patience) {
        this.name = name;
        this.patience = patience;
        this.subsystems = List.copyOf(subsystems);
    }

    /// Its name as people know it.
    String shown() {
        return name.startsWith("<filter ") && name.endsWith(">")
                ? name.substring("<filter ".length(), name.length() - 1)
                : name;
    }

    /// A fresh run begins.
    void started(Voice fresh, Instant now, String admd) {
        voice = fresh;
        run++;
        state = State.STARTING;
        registration = new Registration();
        begun = now;
        heard = now;
        useless = 0;
        batchWaits = false;
        fresh.say(FilterProtocol.greeting(subsystems, admd));
    }

    /// It is over; the next start comes after `wait`.
    void ended(Duration wait) {
        voice = null;
        state = State.DOWN;
        backoff = wait;
        hungry.clear();
        full.clear();
    }

    /// It has registered.
    void ready() {
        state = State.READY;
    }

    State state() {
        return state;
    }

    /// Whether it is worth waiting for: it may be ready soon.
    boolean isComing() {
        return state == State.STARTING
                || (state == State.DOWN && backoff.compareTo(Duration.ofSeconds(1)) <= 0);
    }

    boolean isReady() {
        return state == State.READY;
    }

    /// The number of the present run.
    int run() {
        return run;
    }

    Registration registration() {
        return registration;
    }

    boolean wants(Subsystem subsystem, FilterEvent event) {
        return registration.events(subsystem).contains(event);
    }

    boolean wants(FilterPhase phase) {
        return registration.phases().contains(phase);
    }

    /// Tells it something.
    void say(String lines) {
        Voice to = voice;
        if (to != null) {
            to.say(lines);
            if (to.unread() > UNREAD_MAX) {
                to.end("does not read");
            }
        }
    }

    /// Ends it.
    void end(String why) {
        Voice to = voice;
        if (to != null) {
            to.end(why);
        }
    }

    /// Octets it has not read.
    long unread() {
        Voice to = voice;
        return to == null ? 0 : to.unread();
    }

    /// Whether more content can be given to it.
    boolean hasRoom() {
        return unread() < HIGH;
    }

    /// What content waits for room, in turn.
    ArrayDeque<Edit.Stage> hungry() {
        return hungry;
    }

    /// It has said something.
    void heardAt(Instant now) {
        heard = now;
    }

    /// When it last said something.
    Instant heard() {
        return heard;
    }

    /// A line answered nothing; true when there were too many of them.
    boolean useless() {
        return ++useless > USELESS_MAX;
    }

    /// A line was of use.
    void useful() {
        useless = 0;
    }

    /// A batch was dealt with: the next may come, unless what it would bring has no room.
    void batchDone() {
        if (full.isEmpty()) {
            listen();
        } else {
            batchWaits = true;
        }
    }

    private void listen() {
        Voice to = voice;
        if (to != null) {
            to.listen();
        }
    }

    /// What it makes of a message has no room: it is not heard until it has.
    void hold(Edit edit) {
        full.add(edit);
    }

    /// There is room again.
    void release(Edit edit) {
        if (full.remove(edit) && full.isEmpty() && batchWaits) {
            batchWaits = false;
            listen();
        }
    }

    /// What is wrong with it now; empty for nothing.
    String trouble(Instant now) {
        Voice to = voice;
        if (to == null) {
            return "";
        }
        if (state == State.STARTING && now.isAfter(begun.plus(SETUP))) {
            return "did not get ready in time";
        }
        return to.stuckMillis() > patience.toMillis() ? "does not read" : "";
    }
}
