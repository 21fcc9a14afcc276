package smtpd.queue;

import smtpd.core.proc.Peer;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A peer that writes down what it is told and is answered by hand.
final class FakePeer<O, I> implements Peer<O, I> {
    final List<O> sent = new ArrayList<>();
    final List<O> asked = new ArrayList<>();
    private final ArrayDeque<Consumer<Answer<I>>> waiting = new ArrayDeque<>();

    @Override
    public void send(O message) {
        sent.add(message);
    }

    @Override
    public void answer(long request, O message) {
        sent.add(message);
    }

    @Override
    public void ask(O request, Duration patience, Consumer<Answer<I>> then) {
        asked.add(request);
        waiting.add(then);
    }

    void reply(I message) {
        waiting.remove().accept(new Answer.Got<>(message));
    }

    void lose() {
        waiting.remove().accept(new Answer.Lost<>());
    }

    /// What was sent since the last call.
    List<O> take() {
        List<O> all = List.copyOf(sent);
        sent.clear();
        return all;
    }

    <T extends O> List<T> take(Class<T> kind) {
        return take().stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
