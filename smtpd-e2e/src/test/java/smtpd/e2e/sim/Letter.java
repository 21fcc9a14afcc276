package smtpd.e2e.sim;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;

import java.util.ArrayList;
import java.util.List;

/// A message as its sender means it.
///
/// Every recipient's address is used once in the world, so that it names its recipient whatever ids
/// the queue gives.
final class Letter {
    final String name;
    final MailAddr sender;
    final Dsn dsn;
    final List<Bytes> parts;
    final List<Rcpt> rcpts = new ArrayList<>();
    Fate fate = Fate.OPEN;

    /// What its sender knows of it.
    enum Fate {
        /// Not committed yet, and never will be if it stays so.
        OPEN,
        /// The commit was asked for; nobody knows what became of it.
        ASKED,
        /// 250.
        ACCEPTED,
        /// Refused, or given up before the commit.
        REFUSED
    }

    MsgId msgid = new MsgId(1);

    Letter(String name, MailAddr sender, Dsn dsn, List<Bytes> parts) {
        this.name = name;
        this.sender = sender;
        this.dsn = dsn;
        this.parts = parts;
    }

    /// The content as it was sent.
    byte[] content() {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        parts.forEach(part -> all.writeBytes(part.toByteArray()));
        return all.toByteArray();
    }

    /// Whether its sender is to be told of failures.
    boolean wantsFailures() {
        return !sender.isNull()
                && (dsn.notifyOn().isEmpty() || dsn.notifyOn().contains(Dsn.Notify.FAILURE));
    }
}
