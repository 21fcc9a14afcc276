package smtpd.lka.expand;

import smtpd.core.conf.Dispatcher;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.lka.rules.Ruleset;
import smtpd.lka.table.Tables;

import java.util.Map;

/// Turns a recipient into deliveries.
///
/// An address goes through the rules: a relay action is a delivery, a local one leads to nodes of
/// its virtual table or to a user; a user leads to nodes of the action's alias table or of its
/// `.forward`, or is a delivery. The walk is breadth first over a work-list; the same node under
/// the same action is visited once. One node that fails refuses the recipient: all or nothing.
///
/// Limits: [#DEPTH_MAX], [#NODES_MAX], [#FORWARD_NODES_MAX]. OpenSMTPD: lka_session.c; here a loop
/// is told as 5.4.6, and an unusable `.forward` is ignored and logged instead of refusing the mail.
public final class Expander {
    /// How many nodes deep an expansion may lead (OpenSMTPD: the same).
    public static final int DEPTH_MAX = 10;

    /// How many nodes one recipient may lead to: a large list fits, a list of lists made to exhaust
    /// us does not.
    public static final int NODES_MAX = 10_000;

    /// How many nodes one `.forward` may hold (OpenSMTPD: the same).
    public static final int FORWARD_NODES_MAX = 100;

    /// What is fixed while the configuration is.
    ///
    /// @param dispatchers actions by name
    /// @param delimiter separates user and tag
    /// @param daemonUser as whom a command or file of an alias table is delivered to
    public record Policy(Map<String, Dispatcher> dispatchers, char delimiter, String daemonUser) {}

    private final Policy policy;
    private final Ruleset ruleset;
    private final Tables tables;
    private final ForwardFiles forwards;
    private final IncludeFiles includes;
    private final RewrittenSenders rewritten;

    /// @param policy what the configuration says
    /// @param ruleset decides about addresses
    /// @param tables alias, virtual and userbase tables
    /// @param forwards opens `.forward` files
    /// @param includes reads files that alias tables include
    /// @param rewritten knows the senders behind addresses of ours that reports go to
    public Expander(
            Policy policy,
            Ruleset ruleset,
            Tables tables,
            ForwardFiles forwards,
            IncludeFiles includes,
            RewrittenSenders rewritten) {
        this.policy = policy;
        this.ruleset = ruleset;
        this.tables = tables;
        this.forwards = forwards;
        this.includes = includes;
        this.rewritten = rewritten;
    }

    /// Expands one recipient of a session.
    public Expansion expand(Envelope.Origin origin, MailAddr sender, MailAddr rcpt) {
        return new Walk(this, origin, sender).from(rcpt);
    }

    Policy policy() {
        return policy;
    }

    Ruleset ruleset() {
        return ruleset;
    }

    Tables tables() {
        return tables;
    }

    ForwardFiles forwards() {
        return forwards;
    }

    IncludeFiles includes() {
        return includes;
    }

    RewrittenSenders rewritten() {
        return rewritten;
    }
}
