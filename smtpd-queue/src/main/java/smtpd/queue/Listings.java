package smtpd.queue;

import smtpd.core.imsg.ControlToQueue;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Progress;
import smtpd.core.imsg.QueueToControl;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;
import smtpd.queue.store.EnvelopeCursor;
import smtpd.queue.store.Refused;
import smtpd.queue.store.Store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// Answers control's questions about what is in the store, without the agent.
final class Listings implements Inbox<ControlToQueue> {
    /// Envelopes of one page.
    static final int PAGE_MAX = 1000;

    /// Listings that may be under way: each may hold an id for every envelope. One more, and the
    /// oldest begins anew with its next page.
    private static final int BEGUN_MAX = 4;

    private final Store store;
    private final Peer<QueueToControl, ControlToQueue> control;
    private final ContentStreams contents;

    /// The listings under way, by the last envelope each has given; the oldest first.
    private final LinkedHashMap<Long, EnvelopeCursor> begun = new LinkedHashMap<>();

    Listings(Store store, Peer<QueueToControl, ControlToQueue> control) {
        this.store = store;
        this.control = control;
        contents = new ContentStreams(store, control::answer, control::answer);
    }

    /// Whether a message is for here.
    static boolean isQuestion(ControlToQueue message) {
        return message instanceof ControlToQueue.ListEnvelopes
                || message instanceof ControlToQueue.ShowMessage
                || message instanceof ControlToQueue.BodyCredit
                || message instanceof ControlToQueue.Rekey;
    }

    @Override
    public void receive(long request, ControlToQueue message) {
        switch (message) {
            case ControlToQueue.ListEnvelopes it -> control.answer(request, page(it));
            case ControlToQueue.ShowMessage it -> contents.open(request, it.msgid());
            case ControlToQueue.BodyCredit it -> contents.credit(it.request(), it.bytes());
            case ControlToQueue.Rekey _ ->
                    store.rekey(
                            wrapped -> control.answer(request, new Progress(wrapped)),
                            done -> control.answer(request, said(done)));
            case smtpd.core.imsg.Verbose _, smtpd.core.imsg.Trace _ -> {}
        }
    }

    @Override
    public void detached() {
        contents.closeAll();
        begun.values().forEach(EnvelopeCursor::close);
        begun.clear();
    }

    private static Done said(Store.Rekeyed done) {
        if (done.result() instanceof Refused refused) {
            return new Done(false, refused.text());
        }
        String text = done.wrapped() + (done.wrapped() == 1 ? " message" : " messages");
        String left = done.unreadable() == 0 ? "" : ", " + done.unreadable() + " not readable";
        return new Done(true, text + " rekeyed" + left);
    }

    private QueueToControl page(ControlToQueue.ListEnvelopes it) {
        int max = Math.clamp(it.max(), 1, PAGE_MAX);
        EnvelopeCursor going = begun.remove(it.after());
        EnvelopeCursor cursor = going == null ? store.list(from(it.after())) : going;
        List<Envelope> page = new ArrayList<>(max);
        Optional<Envelope> next = Optional.empty();
        do {
            next = cursor.next();
            next.filter(envelope -> envelope.id().value() != it.after()).ifPresent(page::add);
        } while (next.isPresent() && page.size() < max);
        if (next.isPresent() && max > 1) {
            keep(next.get().id().value(), cursor);
        } else {
            cursor.close();
        }
        return new QueueToControl.EnvelopePage(page);
    }

    /// A listing goes on behind its last page: to begin anew with every page would be to sort the
    /// whole queue each time.
    private void keep(long last, EnvelopeCursor cursor) {
        EnvelopeCursor other = begun.put(last, cursor);
        if (other == null && begun.size() > BEGUN_MAX) {
            other = begun.pollFirstEntry().getValue();
        }
        if (other != null) {
            other.close();
        }
    }

    /// The id to list from: one of the last page, or of a message's first possible envelope.
    private static Optional<EvpId> from(long after) {
        boolean whole = (int) (after >>> 32) != 0 && (int) after != 0;
        if (whole) {
            return Optional.of(new EvpId(after));
        }
        return (int) (after >>> 32) == 0 ? Optional.empty() : Optional.of(new EvpId(after | 1));
    }
}
