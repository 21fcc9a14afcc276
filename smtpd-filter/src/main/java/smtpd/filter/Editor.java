package smtpd.filter;

/// The content of one message flowing through a filter.
///
/// Lines come as they are in the message: without their end, and without the doubled dots of the
/// protocol. Their characters are the bytes of the message (ISO 8859-1): nothing is lost, whatever
/// the message is written in. What is to be in the message afterwards is given to the [Output], at
/// once or later; what is not given to it is left out.
///
/// The calls for one message come one after the other on a virtual thread and may block. Lines that
/// arrive in the meantime wait, in a file when they are many. When the server does not take lines
/// fast enough, [Output#line(String)] blocks, and the server is not read from.
///
/// # When it fails
///
/// After an exception nothing more is edited, and the message is refused with the filter's decision
/// for faults ([Filter#onFault(Decision)]): half an edit is never delivered.
@FunctionalInterface
public interface Editor {
    /// Takes a line.
    ///
    /// @param line without line end; one character for each byte
    void line(String line, Output out) throws Exception;

    /// The message is complete; the last chance to add lines.
    ///
    /// @return what becomes of it: anything but [Decision#junk()] and [Decision#rewrite(String)],
    ///   which come too late here
    default Decision end(Output out) throws Exception {
        return Decision.proceed();
    }

    /// Called last, once, whether the message was complete or not: gives back what it holds.
    default void close() throws Exception {}

    /// Makes the editor of each message. Called with the first line, or the end.
    @FunctionalInterface
    interface Maker {
        /// An editor for the message that begins now.
        Editor edit(Session session) throws Exception;
    }

    /// Where the message goes to.
    @FunctionalInterface
    interface Output {
        /// Adds a line to the message. Blocks while the server does not read.
        ///
        /// @param line one character for each byte, none above 255, no line feed; dots need no care
        void line(String line);
    }
}
