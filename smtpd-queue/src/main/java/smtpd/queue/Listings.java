package smtpd.queue;

import smtpd.core.imsg.ControlToQueue;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.QueueToControl;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;
import smtpd.queue.store.EnvelopeCursor;
import smtpd.queue.store.Refused;
import smtpd.queue.store.Store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Answers control's questions about what is in the store, without the agent.
final class Listings implements Inbox<ControlToQueue> {
    /// Envelopes of one page.
    static final int PAGE_MAX = 1000;

    private final Store store;
    private final Peer<QueueToControl, ControlToQueue> control;
    private final ContentStreams contents;

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
            case ControlToQueue.Rekey _ -> store.rekey(done -> control.answer(request, said(done)));
            case smtpd.core.imsg.Verbose _, smtpd.core.imsg.Trace _ -> {}
        }
    }

    @Override
    public void detached() {
        contents.closeAll();
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
        List<Envelope> page = new ArrayList<>(max);
        try (EnvelopeCursor cursor = store.list(from(it.after()))) {
            Optional<Envelope> next = cursor.next();
            while (next.isPresent() && page.size() < max) {
                if (next.get().id().value() != it.after()) {
                    page.add(next.get());
                }
                next = cursor.next();
            }
        }
        return new QueueToControl.EnvelopePage(page);
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
