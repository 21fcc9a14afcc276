package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterStart;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.SessionId;
import smtpd.core.smtp.Domains;
import smtpd.core.smtp.Reply;
import smtpd.core.tls.TlsFacts;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What filters hear of one session with a server (OpenSMTPD: smtpd-filters(7), reports of
/// `smtp-out`). Where nobody listens it does nothing and allocates nothing.
///
/// A command is reported when its reply is about to be read: so each stands in front of its reply,
/// as it does where commands go out one by one, whatever was pipelined.
///
/// OpenSMTPD: reports `tx-rollback` and `tx-reset` for each refused recipient, and an end for each
/// reply of LMTP; here a transaction ends once.
final class Ear {
    /// Nobody listens.
    static final Ear DEAF =
            new Ear(SessionId.NONE, Filters.NONE, EnumSet.noneOf(FilterEvent.class));

    /// What stands for a secret.
    private static final String HIDDEN = "********";

    private final SessionId session;
    private final Filters filters;
    private final Set<FilterEvent> events;
    private final boolean deaf;
    private final Deque<Said> unreported = new ArrayDeque<>();
    private @Nullable MsgId open;

    /// A command, and what is told with it.
    private record Said(String line, @Nullable FilterEvent event, List<String> fields) {}

    private Ear(SessionId session, Filters filters, Set<FilterEvent> events) {
        this.session = session;
        this.filters = filters;
        this.events = events;
        deaf = events.isEmpty();
    }

    /// The ear of a session that is connected.
    static Ear of(SessionPlan plan, Transport transport, Filters filters) {
        String filter = plan.route().filter();
        if (filter.isEmpty()) {
            return DEAF;
        }
        RouteKey route = plan.route();
        boolean named = plan.ptr().indexOf('<') < 0;
        FilterStart.Ends ends =
                new FilterStart.Ends(
                        plan.ptr(),
                        named ? Confirmed.PASS : Confirmed.FAIL,
                        route.address(),
                        place(transport.localAddress(), transport.localPort()),
                        place(route.address(), route.port()));
        Set<FilterEvent> events = filters.begin(new FilterStart(plan.id(), filter, ends));
        return events.isEmpty() ? DEAF : new Ear(plan.id(), filters, events);
    }

    private static String place(String address, int port) {
        return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port;
    }

    private void tell(FilterEvent event, String... fields) {
        if (events.contains(event)) {
            filters.report(session, event, List.of(fields));
        }
    }

    /// A command was written.
    void said(String line) {
        if (!deaf) {
            unreported.add(new Said(line, null, List.of()));
        }
    }

    /// A command with secrets was written.
    ///
    /// @param verb what of it may be shown, with a blank at its end; or empty
    void saidSecret(String verb) {
        if (!deaf) {
            unreported.add(new Said(verb + HIDDEN, null, List.of()));
        }
    }

    /// The command just written was our name.
    void identified(String verb, String name) {
        if (!deaf) {
            along(FilterEvent.LINK_IDENTIFY, List.of(verb, name));
        }
    }

    /// The command just written named the recipient of an envelope.
    void named(EvpId envelope) {
        if (!deaf) {
            along(
                    FilterEvent.TX_ENVELOPE,
                    List.of(envelope.msgid().toString(), envelope.toString()));
        }
    }

    private void along(FilterEvent event, List<String> fields) {
        unreported.add(new Said(unreported.removeLast().line(), event, fields));
    }

    /// The next reply is about to be read.
    void awaits() {
        if (!deaf) {
            Said said = unreported.poll();
            if (said != null) {
                report(said);
            }
        }
    }

    private void report(Said said) {
        tell(FilterEvent.PROTOCOL_CLIENT, said.line());
        FilterEvent event = said.event();
        // a recipient that was named although the server had refused the sender belongs to nothing
        if (event == FilterEvent.LINK_IDENTIFY || (event != null && open != null)) {
            tell(event, said.fields().toArray(String[]::new));
        }
    }

    /// A line of a reply has come.
    void heard(String line) {
        tell(FilterEvent.PROTOCOL_SERVER, line);
    }

    /// Whether nobody listens.
    boolean isDeaf() {
        return deaf;
    }

    /// The server has greeted.
    void greeted(Reply banner) {
        if (!deaf) {
            String first = banner.lines().getFirst().split(" ", 2)[0];
            tell(FilterEvent.LINK_GREETING, Domains.isDomain(first, false) ? first : "");
        }
    }

    /// A handshake is done.
    void encrypted(TlsFacts facts) {
        if (!deaf) {
            tell(FilterEvent.LINK_TLS, facts.toString());
        }
    }

    /// The server has let us in.
    void admitted(String user) {
        if (!deaf) {
            tell(FilterEvent.LINK_AUTH, "pass", user);
        }
    }

    /// The server has not let us in.
    void rejected(String user) {
        if (!deaf) {
            tell(FilterEvent.LINK_AUTH, "fail", user);
        }
    }

    /// The server has taken a sender.
    void began(MsgId message, MailAddr sender) {
        if (!deaf) {
            open = message;
            tell(FilterEvent.TX_BEGIN, message.toString());
            tell(FilterEvent.TX_MAIL, message.toString(), "ok", sender.toString());
        }
    }

    /// The server has answered about a recipient.
    void recipient(MailAddr rcpt, Reply reply) {
        MsgId message = open;
        if (message != null) {
            tell(FilterEvent.TX_RCPT, message.toString(), word(reply), rcpt.toString());
        }
    }

    /// The server has answered to DATA, or about chunks.
    void data(Reply reply) {
        MsgId message = open;
        if (message != null) {
            tell(FilterEvent.TX_DATA, message.toString(), word(reply));
        }
    }

    /// The server has taken the message.
    ///
    /// @param size octets
    void committed(long size) {
        MsgId message = open;
        if (message != null) {
            tell(FilterEvent.TX_COMMIT, message.toString(), Long.toString(size));
            reset(message);
        }
    }

    /// Nothing came of the transaction, if one was open.
    void rolledBack() {
        MsgId message = open;
        if (message != null) {
            tell(FilterEvent.TX_ROLLBACK, message.toString());
            reset(message);
        }
    }

    private void reset(MsgId message) {
        tell(FilterEvent.TX_RESET, message.toString());
        open = null;
    }

    private static String word(Reply reply) {
        return switch (reply.kind()) {
            case COMPLETED, INTERMEDIATE -> "ok";
            case TRANSIENT -> "tempfail";
            case PERMANENT -> "permfail";
        };
    }

    /// The server did not answer in time.
    void timeout() {
        if (!deaf) {
            tell(FilterEvent.TIMEOUT);
        }
    }

    /// The connection is closed.
    void ended() {
        if (!deaf) {
            unreported.forEach(this::report);
            unreported.clear();
            rolledBack();
            tell(FilterEvent.LINK_DISCONNECT);
        }
    }
}
