package smtpd.mta;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.Printable;
import smtpd.core.smtp.Xtext;

import java.util.List;
import java.util.stream.Collectors;

/// The command lines of a client (RFC 5321 §4.1.1).
final class Commands {
    private Commands() {}

    /// MAIL with the parameters the server knows: SIZE (RFC 1870 §3), BODY (RFC 6152 §2), RET and
    /// ENVID (RFC 3461 §4.3, §4.4), and SMTPUTF8 where an address needs it (RFC 6531 §3.4).
    ///
    /// @param rcpts the recipients that follow, at least one
    static String mail(
            MailAddr sender, long size, boolean eightBit, List<Envelope> rcpts, Offers offers) {
        Dsn dsn = rcpts.getFirst().dsn();
        StringBuilder line =
                new StringBuilder("MAIL FROM:<").append(written(sender, offers)).append('>');
        if (offers.has(Offers.Extension.SIZE)) {
            line.append(" SIZE=").append(size);
        }
        if (eightBit && offers.has(Offers.Extension.EIGHT_BIT_MIME)) {
            line.append(" BODY=8BITMIME");
        }
        boolean utf8 =
                rcpts.getFirst().origin().flags().utf8()
                        || !sender.isAscii()
                        || rcpts.stream().anyMatch(it -> !it.dest().isAscii());
        if (utf8 && offers.has(Offers.Extension.SMTPUTF8)) {
            line.append(" SMTPUTF8");
        }
        if (offers.has(Offers.Extension.DSN)) {
            line.append(
                    switch (dsn.ret()) {
                        case UNSPECIFIED -> "";
                        case FULL -> " RET=FULL";
                        case HDRS -> " RET=HDRS";
                    });
            if (!dsn.envid().isEmpty()) {
                line.append(" ENVID=").append(Xtext.encode(dsn.envid()));
            }
        }
        return line.toString();
    }

    /// RCPT with NOTIFY and ORCPT where the server knows them (RFC 3461 §4.1, §4.2).
    static String rcpt(Envelope envelope, Offers offers) {
        StringBuilder line =
                new StringBuilder("RCPT TO:<").append(written(envelope.dest(), offers)).append('>');
        Dsn dsn = envelope.dsn();
        if (offers.has(Offers.Extension.DSN)) {
            if (!dsn.notifyOn().isEmpty()) {
                line.append(" NOTIFY=")
                        .append(
                                dsn.notifyOn().stream()
                                        .map(Enum::name)
                                        .collect(Collectors.joining(",")));
            }
            int mark = dsn.orcpt().indexOf(';');
            if (mark > 0) {
                line.append(" ORCPT=")
                        .append(dsn.orcpt(), 0, mark + 1)
                        .append(Xtext.encode(dsn.orcpt().substring(mark + 1)));
            }
        }
        return line.toString();
    }

    /// Whether an address can stand in a command: visible characters, which no control can end
    /// early; other than ASCII only where SMTPUTF8 is offered (RFC 6531 §3.3).
    static boolean canSend(MailAddr address, Offers offers) {
        MailAddr written = written(address, offers);
        if (!written.isAscii() && !offers.has(Offers.Extension.SMTPUTF8)) {
            return false;
        }
        return canStand(written);
    }

    /// Whether an address can stand in a command of any server.
    static boolean canStand(MailAddr address) {
        String text = address.toString();
        boolean quoted = address.user().startsWith("\"");
        return Printable.line(text).equals(text)
                && text.chars().allMatch(c -> quoted || (c != ' ' && c != '<' && c != '>'));
    }

    /// RFC 6531 §3.2: a server that does not know SMTPUTF8 takes the A-labels of a domain.
    private static MailAddr written(MailAddr address, Offers offers) {
        return offers.has(Offers.Extension.SMTPUTF8) ? address : address.withAsciiDomain();
    }
}
