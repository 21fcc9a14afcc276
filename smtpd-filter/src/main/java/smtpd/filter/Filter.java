package smtpd.filter;

import smtpd.filter.run.Declared;
import smtpd.filter.run.Program;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Map;

/// A filter: what it wants to be asked and to hear, and what it does then. See the package for how
/// to write one.
///
/// What is given here is what the server is told in the handshake; there is nothing else to
/// declare. A filter is made by one thread and then run once.
public final class Filter {
    private final Declared declared;

    private Filter(String name) {
        this.declared = new Declared(name);
    }

    /// A filter that does nothing yet.
    ///
    /// @param name stands before what it says about its own faults
    public static Filter named(String name) {
        return new Filter(name);
    }

    /// Decides a phase.
    ///
    /// @param <Q> what is asked
    @FunctionalInterface
    public interface Decider<Q extends Question> {
        /// The answer. May block: only this session waits.
        Decision decide(Session session, Q question) throws Exception;
    }

    /// Hears reports.
    ///
    /// @param <R> what is heard
    @FunctionalInterface
    public interface Listener<R extends Report> {
        /// Something has happened.
        void hear(Session session, R report) throws Exception;
    }

    /// Is called with the server.
    @FunctionalInterface
    public interface Start {
        /// The handshake is done.
        void started(Daemon daemon) throws Exception;
    }

    /// Is asked about a phase. One decider for each phase.
    public <Q extends Question> Filter decide(Phase<Q> phase, Decider<Q> decider) {
        declared.decide(phase, decider);
        return this;
    }

    /// Hears an event of the sessions of clients. Several listeners hear it in the order of their
    /// declaration.
    public <R extends Report> Filter hear(Event<R> event, Listener<? super R> listener) {
        return hear(Subsystem.SMTP_IN, event, listener);
    }

    /// Hears an event.
    public <R extends Report> Filter hear(
            Subsystem subsystem, Event<R> event, Listener<? super R> listener) {
        declared.hear(subsystem, event, listener);
        return this;
    }

    /// Hears every event, those of later versions of the protocol too.
    public Filter hearAll(Subsystem subsystem, Listener<Report> listener) {
        declared.hearAll(subsystem, listener);
        return this;
    }

    /// Sees, and may change, the content of messages.
    ///
    /// @param maker makes an editor for each message
    public Filter edit(Editor.Maker maker) {
        declared.edit(maker);
        return this;
    }

    /// Looks names up. Without this [Session#dns(DnsType, String)] is refused.
    public Filter usesDns() {
        declared.usesDns();
        return this;
    }

    /// Is called once after the handshake, beside the sessions.
    public Filter onStart(Start start) {
        declared.onStart(start);
        return this;
    }

    /// Is called once when the server has gone and the sessions are done.
    public Filter onEnd(Runnable end) {
        declared.onEnd(end);
        return this;
    }

    /// What is answered for a callback that throws: `451 4.3.0 Temporary failure` unless said
    /// otherwise here. The exception is written to standard error.
    public Filter onFault(Decision decision) {
        declared.onFault(decision);
        return this;
    }

    /// Runs until the server closes the standard input.
    ///
    /// @return the exit status: 0, or 1 after the protocol was broken or the handshake failed
    public int run() {
        return run(System.in, System.out, System.err, System.getenv(), InstantSource.system());
    }

    /// Runs between two streams.
    ///
    /// @param errors where faults are told, line by line
    /// @param environment `SMTPD_FILTER_DNS` is looked at
    /// @param clock what time it is until the server says so
    public int run(
            InputStream in,
            OutputStream out,
            PrintStream errors,
            Map<String, String> environment,
            InstantSource clock) {
        return new Program(declared, errors, clock).run(in, out, environment);
    }
}
