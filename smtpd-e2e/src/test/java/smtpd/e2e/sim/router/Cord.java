package smtpd.e2e.sim.router;

import org.jspecify.annotations.Nullable;

import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/// One direction of a link that never breaks: what is said arrives a moment later.
///
/// @param <O> what is said
/// @param <I> what is heard
final class Cord<O, I> implements Peer<O, I> {
    private final Clockwork clock;
    private final Map<Long, Consumer<Answer<I>>> asked = new HashMap<>();
    private @Nullable Inbox<O> there;
    private @Nullable Cord<I, O> back;
    private long requests;

    /// Told of everything that is said.
    private Consumer<O> witness = _ -> {};

    private Cord(Clockwork clock) {
        this.clock = clock;
    }

    /// Two ends: of what the one says, the other's inbox hears.
    static <O, I> Cord<O, I> make(Clockwork clock) {
        Cord<O, I> left = new Cord<>(clock);
        Cord<I, O> right = new Cord<>(clock);
        left.back = right;
        right.back = left;
        return left;
    }

    Cord<I, O> other() {
        return Objects.requireNonNull(back);
    }

    /// Who hears what is said here.
    void heardBy(Inbox<O> inbox) {
        there = inbox;
    }

    void witnessed(Consumer<O> by) {
        witness = by;
    }

    private void say(long request, O message) {
        witness.accept(message);
        clock.after(Duration.ZERO, () -> Objects.requireNonNull(there).receive(request, message));
    }

    @Override
    public void send(O message) {
        say(0, message);
    }

    @Override
    public void ask(O request, Duration patience, Consumer<Answer<I>> then) {
        long id = ++requests;
        asked.put(id, then);
        say(id, request);
    }

    @Override
    public void answer(long request, O message) {
        witness.accept(message);
        clock.after(Duration.ZERO, () -> other().answered(request, message));
    }

    private void answered(long request, I message) {
        Consumer<Answer<I>> then = asked.remove(request);
        if (then != null) {
            then.accept(new Answer.Got<>(message));
        }
    }
}
