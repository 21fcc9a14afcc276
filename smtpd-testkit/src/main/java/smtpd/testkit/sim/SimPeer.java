package smtpd.testkit.sim;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.Codec;
import smtpd.core.imsg.Frame;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// One end of a [SimLink], with the manners of a [smtpd.core.proc.LinkPeer]. Messages cross in
/// their wire form.
///
/// @param <O> what may be said to the process at the other end
/// @param <I> what it may say
public final class SimPeer<O, I> implements Peer<O, I> {
    private static final int GENERATION_SHIFT = 48;
    private static final long ID_MASK = (1L << GENERATION_SHIFT) - 1;
    private static final int HEADER_TYPE = 4;
    private static final int HEADER_FLAGS = 6;
    private static final int HEADER_ID = 8;

    private final SimLink<?, ?> link;
    private final SimProcess process;
    private final Codec<O> out;
    private final Codec<I> in;
    private final String name;
    private final Map<Long, Consumer<Answer<I>>> asked = new LinkedHashMap<>();
    private final List<Consumer<O>> saying = new ArrayList<>();
    private final List<Consumer<I>> hearing = new ArrayList<>();
    private @Nullable Inbox<I> inbox;
    private SimLink.@Nullable Connection current;
    private long generation;
    private long ids;

    SimPeer(SimLink<?, ?> link, SimProcess process, Codec<O> out, Codec<I> in, String otherName) {
        this.link = link;
        this.process = process;
        this.out = out;
        this.in = in;
        name = otherName + ">" + process.name();
    }

    SimProcess process() {
        return process;
    }

    /// Sets where the messages of this life arrive, before the link is connected.
    public void serve(Inbox<I> newInbox) {
        inbox = newInbox;
    }

    /// Watches what is said here, at the moment it is said.
    public void onSaying(Consumer<O> watcher) {
        saying.add(watcher);
    }

    /// Watches what arrives here, just before it is received.
    public void onHearing(Consumer<I> watcher) {
        hearing.add(watcher);
    }

    @Override
    public void send(O message) {
        transmit(0, 0, message);
    }

    @Override
    public void answer(long request, O message) {
        if (request >>> GENERATION_SHIFT == (generation & 0xffff)) {
            transmit(request & ID_MASK, Frame.ANSWER, message);
        }
    }

    @Override
    public void ask(O request, Duration patience, Consumer<Answer<I>> then) {
        if (current == null) {
            process.execute(() -> then.accept(new Answer.Lost<>()));
            return;
        }
        long id = ++ids;
        asked.put(id, then);
        transmit(id, 0, request);
        process.after(patience, () -> lose(id));
    }

    private void transmit(long id, int flags, O message) {
        SimLink.Connection on = current;
        if (on == null) {
            return;
        }
        saying.forEach(watcher -> watcher.accept(message));
        FrameOut frame = new FrameOut(256);
        Frame.encode(out, id, flags, message, frame);
        link.transmit(this, on, frame.toByteArray());
    }

    private void lose(long id) {
        Consumer<Answer<I>> then = asked.remove(id);
        if (then != null) {
            then.accept(new Answer.Lost<>());
        }
    }

    /// The process of this end died.
    void reset() {
        current = null;
        inbox = null;
        asked.clear();
    }

    /// Takes a fresh link into use; an older one ends.
    void attach(SimLink.Connection fresh, int life) {
        if (fresh.broken || !process.isAlive(life)) {
            return;
        }
        if (current != null) {
            ended(current);
        }
        current = fresh;
        generation++;
        link.world().trace(() -> name + " attached");
        if (inbox != null) {
            inbox.attached();
        }
    }

    /// The link's other end is gone.
    void ended(SimLink.Connection old) {
        if (current != old) {
            return;
        }
        current = null;
        link.world().trace(() -> name + " detached");
        List.copyOf(asked.keySet()).forEach(this::lose);
        if (inbox != null) {
            inbox.detached();
        }
    }

    /// A frame has come.
    void arrived(SimLink.Connection on, byte[] bytes) {
        Inbox<I> to = inbox;
        if (current != on || to == null) {
            return;
        }
        ByteBuffer frame = ByteBuffer.wrap(bytes);
        int type = frame.getShort(HEADER_TYPE) & 0xffff;
        boolean answer = (frame.getShort(HEADER_FLAGS) & Frame.ANSWER) != 0;
        long id = frame.getLong(HEADER_ID);
        FrameIn payload =
                new FrameIn(ByteBuffer.wrap(bytes, Frame.HEADER, bytes.length - Frame.HEADER));
        I message = Frame.decode(in, type, payload);
        link.world().traceBytes(bytes, bytes.length);
        link.world().trace(() -> name + " " + message);
        hearing.forEach(watcher -> watcher.accept(message));
        if (answer) {
            Consumer<Answer<I>> then = asked.remove(id);
            if (then != null) {
                then.accept(new Answer.Got<>(message));
            }
        } else {
            to.receive(id == 0 ? 0 : id | ((generation & 0xffff) << GENERATION_SHIFT), message);
        }
    }
}
