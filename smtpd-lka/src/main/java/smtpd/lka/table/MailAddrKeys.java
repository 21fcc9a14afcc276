package smtpd.lka.table;

import smtpd.core.mail.MailAddr;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The keys under which an entry that fits a mail address can be, the most exact first: with its
/// domain and without, with its tag and without, any user, anybody.
final class MailAddrKeys {
    private MailAddrKeys() {}

    /// @param address in lower case
    /// @param delimiter separates user and tag
    static List<String> of(MailAddr address, char delimiter) {
        String untagged = MailAddrPattern.untagged(address.user(), delimiter);
        Set<String> keys = new LinkedHashSet<>();
        if (!address.domain().isEmpty()) {
            keys.add(address.user() + "@" + address.domain());
            keys.add(untagged + "@" + address.domain());
        }
        for (String user : List.of(address.user(), untagged)) {
            if (!user.isEmpty()) {
                keys.add(user);
                keys.add(user + "@");
            }
        }
        if (!address.domain().isEmpty()) {
            keys.add("@" + address.domain());
        }
        keys.add("@");
        keys.add("");
        return new ArrayList<>(keys);
    }
}
