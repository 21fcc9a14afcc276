package smtpd.smtp;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.Listener;
import smtpd.core.imsg.ControlToSmtp;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.ImsgViolation;
import smtpd.core.imsg.SmtpToControl;
import smtpd.core.imsg.Trace;
import smtpd.core.imsg.Verbose;
import smtpd.core.log.Logging;
import smtpd.core.log.Traces;
import smtpd.core.proc.Agenda;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.Peer;
import smtpd.core.slice.SmtpSlice;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Ends;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.Terms;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The agent of the smtp process: listening sockets, and what control says.
final class SmtpAgent {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpAgent.class);

    /// How often deadlines are looked at.
    private static final Duration SWEEP = Duration.ofSeconds(1);

    private final SmtpSlice slice;
    private final Agenda agenda;
    private final Sessions sessions;
    private final Gate gate = new Gate();
    private final List<ListenSocket> sockets = new ArrayList<>();

    SmtpAgent(SmtpSlice slice, Agenda agenda, Sessions sessions) {
        this.slice = slice;
        this.agenda = agenda;
        this.sessions = sessions;
    }

    /// Takes over the listening sockets, in the order of the slice.
    void listen(List<Integer> fds) throws IOException {
        if (fds.size() != slice.sockets().size()) {
            throw new ImsgViolation("sockets that no listener is for");
        }
        for (int i = 0; i < fds.size(); i++) {
            Listener listener = slice.listeners().get(slice.sockets().get(i));
            sockets.add(
                    new ListenSocket(
                            HandedOver.listening(fds.get(i)), terms(listener), sessions, gate));
        }
    }

    private Terms terms(Listener listener) {
        return Terms.of(listener, slice.hostname(), slice.smtp());
    }

    /// Begins to accept.
    void start() {
        sockets.forEach(ListenSocket::start);
        sweep();
    }

    private void sweep() {
        sessions.sweep();
        agenda.after(SWEEP, this::sweep);
    }

    /// The daemon stops: no new sessions, the others end.
    void drain() {
        sockets.forEach(ListenSocket::close);
        gate.set(true);
        sessions.drain(Limits.DRAIN);
    }

    /// What control says.
    Inbox<ControlToSmtp> fromControl(Peer<SmtpToControl, ControlToSmtp> control) {
        return new Inbox<>() {
            @Override
            public void receive(long request, ControlToSmtp message) {
                boolean known =
                        switch (message) {
                            case Verbose it -> verbose(it.on());
                            case Trace it -> Traces.set(it.subsystem(), it.on());
                            case ControlToSmtp.Pause it -> pause(it.on());
                            case ControlToSmtp.OpenSession _ ->
                                    throw new ImsgViolation("a session without a socket");
                        };
                if (request != 0) {
                    control.answer(request, new Done(known, known ? "" : "no such subsystem"));
                }
            }

            @Override
            public void receive(long request, ControlToSmtp message, int fd) {
                if (!(message instanceof ControlToSmtp.OpenSession it)) {
                    Inbox.super.receive(request, message, fd);
                    return;
                }
                boolean open = openLocal(it, fd);
                if (request != 0) {
                    control.answer(request, new Done(open, open ? "" : "no session"));
                }
            }
        };
    }

    private static boolean verbose(boolean on) {
        Logging.verbose(on);
        return true;
    }

    private boolean pause(boolean on) {
        gate.set(!on);
        LOG.info("info: smtp {}", on ? "paused" : "resumed");
        return true;
    }

    private boolean openLocal(ControlToSmtp.OpenSession session, int fd) {
        Listener listener =
                slice.listeners().stream()
                        .filter(Listener::isSocket)
                        .findFirst()
                        .orElse(Listener.DEFAULT_SOCKET);
        Terms terms = terms(listener);
        Client client = Client.local(terms.hostname(), session.user());
        return HandedOver.connected(fd)
                .map(channel -> {
                    sessions.open(channel, client, terms, Ends.NONE);
                    return true;
                })
                .orElse(false);
    }
}
