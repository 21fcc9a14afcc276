package smtpd.mta;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Outcome;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One message on its way through one relay, with all its recipients there.
///
/// @param msgid the message
/// @param size length of its content in bytes
/// @param sender the reverse-path to give, which an action's `mail-from` or `srs` may have replaced
/// @param envelopes at least one
/// @param attempts how many sessions have given it back untried
/// @param tried the relay hosts of its action that have failed it, and how
public record Task(
        MsgId msgid,
        long size,
        MailAddr sender,
        List<Envelope> envelopes,
        int attempts,
        Map<String, Failure> tried) {
    /// Recipients of a small message.
    static final int SMALL_RCPTS_MAX = 100;

    /// Bytes of a small message.
    static final long SMALL_BYTES_MAX = 1024 * 1024;

    public Task {
        envelopes = List.copyOf(envelopes);
        tried = Collections.unmodifiableMap(new LinkedHashMap<>(tried));
    }

    /// One that no relay host has failed yet.
    public Task(MsgId msgid, long size, MailAddr sender, List<Envelope> envelopes, int attempts) {
        this(msgid, size, sender, envelopes, attempts, Map.of());
    }

    /// The same after a relay host failed: the others are yet to be tried.
    ///
    /// @param why what was wrong there
    Task after(String host, Failure why) {
        Map<String, Failure> all = new LinkedHashMap<>(tried);
        all.put(host, why);
        return new Task(msgid, size, sender, envelopes, 0, all);
    }

    /// How it fails when no relay host is left: for good only if all of them say so.
    ///
    /// @param last what was wrong with the last one
    Failure verdict(Failure last) {
        return tried.values().stream()
                .filter(it -> it.outcome() == Outcome.TEMPFAIL)
                .findFirst()
                .orElse(last);
    }

    /// The same for some of its recipients, as if it had come just now.
    Task of(List<Envelope> some) {
        return new Task(msgid, size, sender, some, 0, tried);
    }

    /// Whether the message came with SMTPUTF8 (RFC 6531 §3.4).
    boolean isUtf8() {
        return envelopes.getFirst().origin().flags().utf8();
    }

    /// The same from another sender.
    Task from(MailAddr other) {
        return new Task(msgid, size, other, envelopes, attempts, tried);
    }

    /// Whether small ones go before it where both wait: a transaction that every server takes at
    /// once (RFC 5321 §4.5.3.1.8), and content of a moment.
    boolean isLarge() {
        return envelopes.size() > SMALL_RCPTS_MAX || size > SMALL_BYTES_MAX;
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
