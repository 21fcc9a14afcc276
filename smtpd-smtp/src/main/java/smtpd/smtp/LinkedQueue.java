package smtpd.smtp;

import smtpd.core.imsg.ImsgViolation;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.Queue;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The queue behind its link.
final class LinkedQueue implements Queue {
    private final LinkPeer<SmtpToQueue, QueueToSmtp> link;
    private final Credits credits;

    LinkedQueue(LinkPeer<SmtpToQueue, QueueToSmtp> link, Credits credits) {
        this.link = link;
        this.credits = credits;
    }

    /// Where the queue gives back what it has written: to the window of the message it names. Runs
    /// in the link's own thread; nothing in it waits.
    static final class Credits implements Inbox<QueueToSmtp> {
        private final Map<MsgId, CreditWindow> windows = new ConcurrentHashMap<>();

        @Override
        public void receive(long request, QueueToSmtp message) {
            switch (message) {
                case QueueToSmtp.BodyCredit it -> give(it);
                case QueueToSmtp.MessageCreated _,
                        QueueToSmtp.NotCreated _,
                        QueueToSmtp.Committed _,
                        QueueToSmtp.CommitFailed _ ->
                        throw new ImsgViolation("an answer nobody asked for");
            }
        }

        /// Credit of a message of one part finds no window and is not needed.
        private void give(QueueToSmtp.BodyCredit credit) {
            CreditWindow window = windows.get(credit.msgid());
            if (window != null) {
                window.give(credit.bytes());
            }
        }

        @Override
        public void detached() {
            windows.values().forEach(CreditWindow::lose);
        }

        private CreditWindow open(MsgId msgid) {
            CreditWindow window = new CreditWindow(() -> windows.remove(msgid));
            windows.put(msgid, window);
            return window;
        }
    }

    @Override
    public Created create() throws PeerLost {
        return switch (link.call(new SmtpToQueue.CreateMessage(), Limits.CREATE_PATIENCE)) {
            case QueueToSmtp.MessageCreated it -> new Created.Message(it.msgid());
            case QueueToSmtp.NotCreated it -> new Created.Refused(it.trouble(), it.reason());
            case QueueToSmtp.BodyCredit _, QueueToSmtp.Committed _, QueueToSmtp.CommitFailed _ ->
                    throw wrongAnswer();
        };
    }

    @Override
    public Window window(MsgId msgid) {
        CreditWindow window = credits.open(msgid);
        if (!link.isAttached()) {
            window.lose();
        }
        return window;
    }

    @Override
    public void body(MsgId msgid, Bytes part) {
        link.send(new SmtpToQueue.BodyPart(msgid, part));
    }

    @Override
    public void lastPart(MsgId msgid, Bytes part) {
        link.sendWithNext(new SmtpToQueue.BodyPart(msgid, part));
    }

    @Override
    public Settled commit(MsgId msgid, long size, int checksum) throws PeerLost {
        SmtpToQueue.Commit commit = new SmtpToQueue.Commit(msgid, size, checksum);
        return switch (link.call(commit, Limits.COMMIT_PATIENCE)) {
            case QueueToSmtp.Committed it when it.msgid().equals(msgid) -> new Settled.Durable();
            case QueueToSmtp.CommitFailed it -> new Settled.Refused(it.trouble(), it.reason());
            case QueueToSmtp.Committed _,
                    QueueToSmtp.BodyCredit _,
                    QueueToSmtp.MessageCreated _,
                    QueueToSmtp.NotCreated _ ->
                    throw wrongAnswer();
        };
    }

    @Override
    public void rollback(MsgId msgid) {
        link.send(new SmtpToQueue.Rollback(msgid));
    }

    private static PeerLost wrongAnswer() {
        return new PeerLost(Role.QUEUE, "answered something else");
    }
}
