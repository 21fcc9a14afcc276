package smtpd.smtp.protocol;

import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.imsg.FilterSubject;
import smtpd.core.smtp.ByteSink;
import smtpd.core.smtp.Reply;

/// The filters of one session, as its verbs see them. Belongs to the session's thread. Where a
/// listener has none, nothing of this costs anything: [#NONE].
public interface Filters {
    /// No filters.
    Filters NONE = new NoFilters();

    /// Whether there are any.
    boolean active();

    /// What they decide about the client that has come; asked once, before anything is reported.
    Ruling begin(Facts facts, Confirmed confirmed);

    /// Tells them what happened.
    ///
    /// @param fields parameters of the event
    void report(FilterEvent event, String... fields);

    /// Tells them what a reply means, once it has been told itself.
    ///
    /// @param fields parameters of the event
    void afterReply(FilterEvent event, String... fields);

    /// The client has been told a reply.
    void replied();

    /// The word for a reply in a report of a transaction.
    static String result(Reply reply) {
        return switch (reply.kind()) {
            case COMPLETED, INTERMEDIATE -> "ok";
            case TRANSIENT -> "tempfail";
            case PERMANENT -> "permfail";
        };
    }

    /// What they decide about a command.
    ///
    /// @param value its argument
    /// @param subject what is known of the client
    Ruling ask(FilterPhase phase, String value, FilterSubject subject);

    /// Whether the mail under way is to be marked.
    boolean junk();

    /// Whether they edit messages.
    boolean edit();

    /// Lets them edit one.
    ///
    /// @param result takes what they make of it, on a thread of its own
    Edit edit(ByteSink result);

    /// Where sessions get their filters.
    interface Source {
        /// No listener has any.
        Source NONE = _ -> Filters.NONE;

        /// Those of a session that begins.
        Filters of(Facts facts);
    }

    /// What filters decide.
    sealed interface Ruling {
        /// The command goes on.
        record Proceed() implements Ruling {}

        /// It goes on with another argument.
        record Rewritten(String value) implements Ruling {}

        /// It is refused.
        ///
        /// @param reply what the client reads
        /// @param close whether the session ends
        record Refused(Reply reply, boolean close) implements Ruling {}
    }

    /// A message on its way through filters.
    interface Edit extends ByteSink, AutoCloseable {
        /// Whether it has failed already.
        boolean lost();

        /// The message is complete: waits for the end of what filters make of it. False if it did
        /// not come: then nothing of it is of any use.
        boolean finish();

        /// Ends it, if it has not ended; what comes of it is of no use.
        @Override
        void close();
    }
}
