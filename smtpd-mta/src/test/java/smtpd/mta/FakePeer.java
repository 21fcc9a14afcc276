package smtpd.mta;

import smtpd.core.proc.Peer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/// A peer that keeps what it is told and answers as it is told.
final class FakePeer<O, I> implements Peer<O, I> {
    final List<O> sent = new ArrayList<>();
    final List<O> asked = new ArrayList<>();
    private final FakeAgenda agenda;

    /// Answers requests; an answer comes a moment later.
    Function<O, Answer<I>> answers = request -> new Answer.Lost<>();

    FakePeer(FakeAgenda agenda) {
        this.agenda = agenda;
    }

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
        agenda.after(Duration.ofMillis(1), () -> then.accept(answers.apply(request)));
    }
}
