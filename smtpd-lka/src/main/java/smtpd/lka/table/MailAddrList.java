package smtpd.lka.table;

import smtpd.core.mail.MailAddr;
import smtpd.core.table.TableText;

/// The addresses a user may send as: a value of a table of `senders`, separated by commas. Each is
/// `user@domain`, `@domain`, `user`, or `@` for all, as in tables of mail addresses.
public final class MailAddrList {
    private MailAddrList() {}

    /// Whether an address is among them. The null address is only where all are (OpenSMTPD: the
    /// same).
    ///
    /// @param value of the table
    /// @param delimiter separates user and tag
    public static boolean has(String value, MailAddr address, char delimiter) {
        MailAddr folded = MailAddr.of(TableText.fold(address.toString()));
        for (String entry : value.split(",", -1)) {
            String one = TableText.fold(entry.strip());
            if (!one.isEmpty() && MailAddrPattern.of(one).fits(folded, delimiter)) {
                return true;
            }
        }
        return false;
    }
}
