package smtpd.core.smtp;

import smtpd.core.mail.MailAddr;

/// One line of a client, understood. What can be said about a line without knowing the session is
/// said here; the order of commands is not.
public sealed interface Command {
    /// The client introduces itself.
    sealed interface Greeting extends Command {
        /// What it calls itself: a valid domain or address literal.
        String name();
    }

    /// RFC 5321 §4.1.1.1.
    ///
    /// @param name a valid domain or address literal
    record Helo(String name) implements Greeting {}

    /// RFC 5321 §4.1.1.1.
    ///
    /// @param name a valid domain or address literal
    record Ehlo(String name) implements Greeting {}

    /// RFC 2033 §4.1.
    ///
    /// @param name a valid domain or address literal
    record Lhlo(String name) implements Greeting {}

    /// RFC 5321 §4.1.1.2.
    ///
    /// @param sender the reverse-path, [MailAddr#NULL] for `<>`; an empty domain if none was given
    record Mail(MailAddr sender, MailParams params) implements Command {}

    /// RFC 5321 §4.1.1.3.
    ///
    /// @param rcpt the forward-path, never null; an empty domain if none was given
    record Rcpt(MailAddr rcpt, RcptParams params) implements Command {}

    /// RFC 5321 §4.1.1.4.
    record Data() implements Command {}

    /// RFC 3030 §2.
    ///
    /// @param size octets that follow, [Long#MAX_VALUE] for anything larger
    /// @param last whether it ends the message
    record Bdat(long size, boolean last) implements Command {}

    /// RFC 5321 §4.1.1.5.
    record Rset() implements Command {}

    /// RFC 5321 §4.1.1.9; an argument is ignored.
    record Noop() implements Command {}

    /// RFC 5321 §4.1.1.10.
    record Quit() implements Command {}

    /// RFC 5321 §4.1.1.8.
    ///
    /// @param topic the argument, empty if none
    record Help(String topic) implements Command {}

    /// RFC 5321 §4.1.1.6.
    ///
    /// @param argument a user or mailbox, not parsed
    record Vrfy(String argument) implements Command {}

    /// RFC 5321 §4.1.1.7.
    ///
    /// @param argument a list name, not parsed
    record Expn(String argument) implements Command {}

    /// RFC 1985.
    ///
    /// @param argument a queue name, not parsed
    record Etrn(String argument) implements Command {}

    /// RFC 3207 §4.
    record StartTls() implements Command {}

    /// RFC 4954 §4.
    ///
    /// @param mechanism in upper case
    /// @param initialResponse base64 text as given, `=` for an empty response; empty if none was
    ///   given
    record Auth(String mechanism, String initialResponse) implements Command {
        /// Without the response: it may hold a password.
        @Override
        public String toString() {
            return "Auth[" + mechanism + "]";
        }
    }

    /// A request of another protocol: someone made a web client talk to us; close at once.
    ///
    /// @param verb the HTTP method
    record Http(String verb) implements Command {}

    /// Not a command whose form is known here. A server may still serve it.
    ///
    /// @param verb its first word in upper case, printable, at most 32 characters
    /// @param argument what follows, not parsed
    record Unknown(String verb, String argument) implements Command {}

    /// A known command that is wrong in itself, or a line that is no text.
    ///
    /// @param verb the command's word; empty for a line that is no text
    /// @param path what stood between angle brackets, right or wrong; empty for nothing
    /// @param reply what to answer
    record Malformed(String verb, String path, Reply reply) implements Command {
        /// A line that is no text.
        public Malformed(Reply reply) {
            this("", "", reply);
        }
    }

    /// The word the line began with, in upper case: what the RFCs call the verb.
    default String word() {
        return switch (this) {
            case Helo _ -> "HELO";
            case Ehlo _ -> "EHLO";
            case Lhlo _ -> "LHLO";
            case Mail _ -> "MAIL";
            case Rcpt _ -> "RCPT";
            case Data _ -> "DATA";
            case Bdat _ -> "BDAT";
            case Rset _ -> "RSET";
            case Noop _ -> "NOOP";
            case Quit _ -> "QUIT";
            case Help _ -> "HELP";
            case Vrfy _ -> "VRFY";
            case Expn _ -> "EXPN";
            case Etrn _ -> "ETRN";
            case StartTls _ -> "STARTTLS";
            case Auth _ -> "AUTH";
            case Http it -> it.verb();
            case Unknown it -> it.verb();
            case Malformed it -> it.verb();
        };
    }
}
