package smtpd.smtp;

import smtpd.core.imsg.ImsgViolation;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.mail.Bytes;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.core.smtp.ByteSink;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Filters;
import smtpd.smtp.protocol.Limits;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// The filters of all sessions, behind the link to lka. What comes back of edited messages is
/// handed on in the link's own thread; nothing in it waits.
final class FilterLink implements Inbox<LkaToSmtp>, Filters.Source {
    private final Map<Long, FilterEdit> edits = new ConcurrentHashMap<>();
    private final AtomicLong contents = new AtomicLong();
    private volatile Ways ways = new Unattached();

    /// What is said to lka.
    interface Ways {
        void send(SmtpToLka.ToFilters message);

        LkaToSmtp call(SmtpToLka.ToFilters question) throws PeerLost;
    }

    private static final class Unattached implements Ways {
        @Override
        public void send(SmtpToLka.ToFilters message) {
            throw new IllegalStateException("no link yet");
        }

        @Override
        public LkaToSmtp call(SmtpToLka.ToFilters question) throws PeerLost {
            throw new PeerLost(Role.LKA, "not running");
        }
    }

    /// The link is made after its inbox.
    void over(LinkPeer<SmtpToLka, LkaToSmtp> link) {
        ways =
                new Ways() {
                    @Override
                    public void send(SmtpToLka.ToFilters message) {
                        link.send(message);
                    }

                    @Override
                    public LkaToSmtp call(SmtpToLka.ToFilters question) throws PeerLost {
                        return link.call(question, Limits.FILTER_PATIENCE);
                    }
                };
    }

    @Override
    public Filters of(Facts facts) {
        String filter = facts.terms().listener().session().filter();
        return filter.isEmpty()
                ? Filters.NONE
                : new SessionFilters(facts.id(), filter, ways, this::edit);
    }

    /// A message begins that filters edit.
    private Filters.Edit edit(smtpd.core.mail.SessionId session, ByteSink result) {
        long content = contents.incrementAndGet();
        FilterEdit edit = new FilterEdit(content, ways, result, () -> edits.remove(content));
        edits.put(content, edit);
        edit.begin(session);
        return edit;
    }

    @Override
    public void receive(long request, LkaToSmtp message) {
        switch (message) {
            case LkaToSmtp.ContentCredit(long content, int bytes) -> {
                FilterEdit edit = edits.get(content);
                if (edit != null) {
                    edit.give(bytes);
                }
            }
            case LkaToSmtp.EditedPart(long content, Bytes part) -> {
                FilterEdit edit = edits.get(content);
                if (edit != null) {
                    edit.take(part);
                }
            }
            case LkaToSmtp.EditedEnd(long content, boolean whole) -> {
                FilterEdit edit = edits.get(content);
                if (edit != null) {
                    edit.end(whole);
                }
            }
            default -> throw new ImsgViolation("an answer nobody asked for");
        }
    }

    @Override
    public void detached() {
        edits.values().forEach(edit -> edit.end(false));
    }
}
