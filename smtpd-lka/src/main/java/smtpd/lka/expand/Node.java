package smtpd.lka.expand;

import smtpd.core.mail.MailAddr;

/// One element of an alias, virtual or `.forward` value.
public sealed interface Node {
    /// A mail address, for the rules.
    record Address(MailAddr addr) implements Node {}

    /// A user of the action's userbase.
    ///
    /// @param name lower case, perhaps with a tag
    record User(String name) implements Node {}

    /// Refuse the recipient.
    ///
    /// @param code 400 to 599
    /// @param text what the client is told, printable ASCII
    record Refuse(int code, String text) implements Node {}

    /// A file with further nodes.
    record Include(String path) implements Node {}

    /// A command the message is given to.
    record Pipe(String command) implements Node {}

    /// A file the message is appended to.
    record AppendTo(String path) implements Node {}
}
