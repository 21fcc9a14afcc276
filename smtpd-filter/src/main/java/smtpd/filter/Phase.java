package smtpd.filter;

import smtpd.filter.wire.ProtocolException;

import java.util.List;

/// A moment of a session at which a filter can be asked, and how the question is read.
///
/// A command is reported first ([Event#PROTOCOL_CLIENT]), then checked by the server, and only then
/// asked about: a command that is wrong reaches no filter. The content of a message is not asked
/// about but streamed: see [Editor].
///
/// @param <Q> what is asked
public final class Phase<Q extends Question> {
    /// Before the greeting.
    public static final Phase<Question.Connect> CONNECT =
            new Phase<>("connect", 2, it -> new Question.Connect(it.at(0), it.closed(1)));

    /// HELO.
    public static final Phase<Question.Hello> HELO =
            new Phase<>("helo", 1, it -> new Question.Hello(it.at(0)));

    /// EHLO.
    public static final Phase<Question.Hello> EHLO =
            new Phase<>("ehlo", 1, it -> new Question.Hello(it.at(0)));

    /// STARTTLS.
    public static final Phase<Question.Starttls> STARTTLS =
            new Phase<>("starttls", 1, it -> new Question.Starttls(it.atOrEmpty(0)));

    /// AUTH.
    public static final Phase<Question.Auth> AUTH =
            new Phase<>("auth", 1, it -> new Question.Auth(it.at(0)));

    /// MAIL FROM.
    public static final Phase<Question.Address> MAIL_FROM =
            new Phase<>("mail-from", 1, it -> new Question.Address(it.at(0)));

    /// RCPT TO.
    public static final Phase<Question.Address> RCPT_TO =
            new Phase<>("rcpt-to", 1, it -> new Question.Address(it.at(0)));

    /// DATA.
    public static final Phase<Question.Bare> DATA = bare("data");

    /// RSET.
    public static final Phase<Question.Bare> RSET = bare("rset");

    /// QUIT.
    public static final Phase<Question.Bare> QUIT = bare("quit");

    /// NOOP.
    public static final Phase<Question.Bare> NOOP = bare("noop");

    /// The content is complete, and not yet taken.
    public static final Phase<Question.Bare> COMMIT = bare("commit");

    private static final List<Phase<?>> ALL =
            List.of(
                    CONNECT, HELO, EHLO, STARTTLS, AUTH, MAIL_FROM, RCPT_TO, DATA, RSET, QUIT, NOOP,
                    COMMIT);

    private final String word;
    private final int fields;
    private final Reading<Q> reading;

    @FunctionalInterface
    private interface Reading<Q> {
        Q read(Fields fields) throws ProtocolException;
    }

    private Phase(String word, int fields, Reading<Q> reading) {
        this.word = word;
        this.fields = fields;
        this.reading = reading;
    }

    private static Phase<Question.Bare> bare(String word) {
        return new Phase<>(word, 0, _ -> new Question.Bare());
    }

    /// Every phase that is asked about.
    public static List<Phase<?>> all() {
        return ALL;
    }

    /// Its name in the protocol.
    public String word() {
        return word;
    }

    /// Reads a question.
    ///
    /// @param rest everything behind the token
    public Q read(String rest) throws ProtocolException {
        return reading.read(new Fields(word, rest, fields));
    }

    @Override
    public String toString() {
        return word;
    }
}
