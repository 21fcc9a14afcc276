package smtpd.smtp;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.imsg.FilterStart;
import smtpd.core.imsg.FilterSubject;
import smtpd.core.imsg.FilterVerdict;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.mail.SessionId;
import smtpd.core.proc.PeerLost;
import smtpd.core.smtp.ByteSink;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Ends;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Filters;
import smtpd.smtp.protocol.Replies;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/// The filters of one session: what they want to know, what they have decided so far.
final class SessionFilters implements Filters {
    private static final Logger LOG = LoggerFactory.getLogger(SessionFilters.class);

    /// Reports that go out before the session waits until they are read: what a client can make us
    /// write by sending commands without end.
    private static final int AHEAD = 16;

    /// Where local users connect to (OpenSMTPD: filters are told this path).
    private static final String SOCKET = "unix:/var/run/smtpd.sock";

    private final SessionId session;
    private final String filter;
    private final FilterLink.Ways ways;
    private final BiFunction<SessionId, ByteSink, Edit> edits;
    private Set<FilterPhase> phases = EnumSet.noneOf(FilterPhase.class);
    private Set<FilterEvent> events = EnumSet.noneOf(FilterEvent.class);
    private boolean junkSession;
    private boolean junkMail;
    private int ahead;
    private final List<Runnable> waiting = new ArrayList<>();

    SessionFilters(
            SessionId session,
            String filter,
            FilterLink.Ways ways,
            BiFunction<SessionId, ByteSink, Edit> edits) {
        this.session = session;
        this.filter = filter;
        this.ways = ways;
        this.edits = edits;
    }

    @Override
    public boolean active() {
        return true;
    }

    @Override
    public Ruling begin(Facts facts, Confirmed confirmed) {
        FilterStart.Ends ends =
                new FilterStart.Ends(
                        facts.client().host(),
                        confirmed,
                        facts.client().address(),
                        shown(facts, facts.ends().remote()),
                        shown(facts, facts.ends().local()));
        try {
            LkaToSmtp answer =
                    ways.call(new SmtpToLka.FilterBegin(new FilterStart(session, filter, ends)));
            if (answer instanceof LkaToSmtp.FilterBegun it) {
                phases = it.phases();
                events = it.events();
                return ruling(FilterPhase.CONNECT, it.verdict());
            }
        } catch (PeerLost e) {
            LOG.debug("debug: {} filters: {}", session, e.getMessage());
        }
        return new Ruling.Refused(Replies.UNAVAILABLE, true);
    }

    private static String shown(Facts facts, Ends.Point point) {
        if (facts.client().isLocal()) {
            return SOCKET;
        }
        String address = point.address();
        return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + point.port();
    }

    @Override
    public void afterReply(FilterEvent event, String... fields) {
        waiting.add(() -> report(event, fields));
    }

    @Override
    public void replied() {
        if (!waiting.isEmpty()) {
            List<Runnable> due = List.copyOf(waiting);
            waiting.clear();
            due.forEach(Runnable::run);
        }
    }

    @Override
    public void report(FilterEvent event, String... fields) {
        if (event == FilterEvent.LINK_DISCONNECT) {
            // the client did not wait for its reply
            replied();
        }
        if (event == FilterEvent.TX_RESET) {
            junkMail = false;
        }
        if (!events.contains(event)) {
            return;
        }
        ways.send(new SmtpToLka.FilterReport(session, event, List.of(fields)));
        if (++ahead >= AHEAD && event != FilterEvent.LINK_DISCONNECT) {
            await();
        }
    }

    /// Waits until what was reported has been read.
    private void await() {
        ahead = 0;
        try {
            LkaToSmtp answer = ways.call(new SmtpToLka.FilterBarrier(session));
            assert answer instanceof LkaToSmtp.FilterDecided;
        } catch (PeerLost e) {
            LOG.debug("debug: {} filters: {}", session, e.getMessage());
        }
    }

    @Override
    public Ruling ask(FilterPhase phase, String value, FilterSubject subject) {
        if (!phases.contains(phase)) {
            return new Ruling.Proceed();
        }
        ahead = 0;
        try {
            LkaToSmtp answer = ways.call(new SmtpToLka.FilterQuery(session, phase, value, subject));
            if (answer instanceof LkaToSmtp.FilterDecided(FilterVerdict verdict)) {
                return ruling(phase, verdict);
            }
        } catch (PeerLost e) {
            LOG.debug("debug: {} filters: {}", session, e.getMessage());
        }
        return new Ruling.Refused(Replies.UNAVAILABLE, true);
    }

    private Ruling ruling(FilterPhase phase, FilterVerdict verdict) {
        return switch (verdict.kind()) {
            case PROCEED -> new Ruling.Proceed();
            case JUNK -> {
                mark(phase);
                yield new Ruling.Proceed();
            }
            case REWRITE -> new Ruling.Rewritten(verdict.text());
            case REJECT -> new Ruling.Refused(reply(verdict.text()), false);
            case DISCONNECT -> new Ruling.Refused(reply(verdict.text()), true);
        };
    }

    private void mark(FilterPhase phase) {
        boolean ofMail =
                phase == FilterPhase.MAIL_FROM
                        || phase == FilterPhase.RCPT_TO
                        || phase == FilterPhase.DATA;
        junkMail |= ofMail;
        junkSession |= !ofMail;
    }

    /// The reply that a filter wants: lka has looked that it is one.
    private static Reply reply(String text) {
        return Reply.parse(text.strip())
                .filter(reply -> reply.code() >= 400)
                .orElse(Replies.FILTER_NONSENSE);
    }

    @Override
    public boolean junk() {
        return junkSession || junkMail;
    }

    @Override
    public boolean edit() {
        return phases.contains(FilterPhase.DATA_LINE);
    }

    @Override
    public Edit edit(ByteSink result) {
        return edits.apply(session, result);
    }
}
