package smtpd.lka.expand;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Dispatcher;
import smtpd.core.mail.MailAddr;

/// One node of an expansion in its place.
///
/// @param node what it is
/// @param parent the node it came from; null for the recipient
/// @param action the local action it belongs to; null until an address has met a rule
/// @param from where it was written
/// @param depth how many nodes lead to it
record Vertex(
        Node node,
        @Nullable Vertex parent,
        Dispatcher.@Nullable Local action,
        From from,
        int depth) {
    /// Where a node was written.
    ///
    /// @param kind which sort of place
    /// @param owner the user whose `.forward` it was; empty otherwise
    record From(Kind kind, String owner) {
        static final From RCPT = new From(Kind.RCPT, "");
        static final From ADDRESS = new From(Kind.ADDRESS, "");
        static final From ALIAS = new From(Kind.ALIAS, "");
        static final From VIRTUAL = new From(Kind.VIRTUAL, "");
        static final From INCLUDE = new From(Kind.INCLUDE, "");

        static From forward(String user) {
            return new From(Kind.FORWARD, user);
        }
    }

    enum Kind {
        /// The recipient itself.
        RCPT,
        /// The user part of a local address.
        ADDRESS,
        /// An alias table.
        ALIAS,
        /// A virtual table.
        VIRTUAL,
        /// A file an alias table includes.
        INCLUDE,
        /// A user's `.forward`.
        FORWARD
    }

    /// What makes two nodes the same.
    ///
    /// @param owner as whom a command or file is delivered to; empty for other nodes
    record Identity(Node node, String action, String owner, boolean sameUser) {}

    Identity identity() {
        boolean asOwner = node instanceof Node.Pipe || node instanceof Node.AppendTo;
        return new Identity(
                folded(),
                action == null ? "" : action.name(),
                asOwner ? from.owner() : "",
                isSameUser());
    }

    private Node folded() {
        return node instanceof Node.Address(MailAddr addr)
                ? new Node.Address(new MailAddr(addr.user(), addr.domainKey()))
                : node;
    }

    /// Whether this is a user that the same user led to: deliver here.
    boolean isSameUser() {
        return node instanceof Node.User && parent != null && node.equals(parent.node());
    }

    /// Whether an ancestor is the same node: going on would lead round.
    boolean leadsRound() {
        for (Vertex v = parent; v != null; v = v.parent()) {
            if (v.identity().equals(identity())) {
                return true;
            }
        }
        return false;
    }

    /// The nearest address on the way here, this one included.
    MailAddr address() {
        for (Vertex v = this; v != null; v = v.parent()) {
            if (v.node() instanceof Node.Address(MailAddr addr)) {
                return addr;
            }
        }
        throw new IllegalStateException("an expansion begins with an address");
    }
}
