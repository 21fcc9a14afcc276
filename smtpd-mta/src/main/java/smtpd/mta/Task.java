package smtpd.mta;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;

import java.util.ArrayList;
import java.util.List;

/// One message on its way through one relay, with all its recipients there.
///
/// @param msgid the message
/// @param size length of its content in bytes
/// @param sender the reverse-path to give, which an action's `mail-from` or `srs` may have replaced
/// @param envelopes at least one
/// @param attempts how many sessions have given it back untried
/// @param tried the relay hosts of its action that have failed it
public record Task(
        MsgId msgid,
        long size,
        MailAddr sender,
        List<Envelope> envelopes,
        int attempts,
        List<String> tried) {
    public Task {
        envelopes = List.copyOf(envelopes);
        tried = List.copyOf(tried);
    }

    /// One that no relay host has failed yet.
    public Task(MsgId msgid, long size, MailAddr sender, List<Envelope> envelopes, int attempts) {
        this(msgid, size, sender, envelopes, attempts, List.of());
    }

    /// The same after a relay host failed: the others are yet to be tried.
    Task after(String host) {
        List<String> all = new ArrayList<>(tried);
        all.add(host);
        return new Task(msgid, size, sender, envelopes, 0, all);
    }

    /// Whether the message came with SMTPUTF8 (RFC 6531 §3.4).
    boolean isUtf8() {
        return envelopes.getFirst().origin().flags().utf8();
    }

    /// The same from another sender.
    Task from(MailAddr other) {
        return new Task(msgid, size, other, envelopes, attempts, tried);
    }

    /// Whether it can be part of another's transaction: the same message from the same sender.
    @SuppressWarnings("ReferenceEquality") // one task beside itself, not beside its like
    boolean joins(Task other) {
        return this != other && msgid.equals(other.msgid) && sender.equals(other.sender);
    }

    /// What is left of it after a session gave some of it back.
    Task again(List<Envelope> rest) {
        return new Task(msgid, size, sender, rest, attempts + 1, tried);
    }
}
