package smtpd.lka.table;

import smtpd.core.mail.MailAddr;

/// An entry of a table of mail addresses: `user@domain`, `@domain`, `user`, or `@` for all.
///
/// The domain may hold `*`. A tag in the tested address counts only when the entry has one too
/// (OpenSMTPD: the same).
///
/// @param user in lower case; empty for every user
/// @param domain in lower case; empty for every domain
record MailAddrPattern(String user, String domain) {
    static MailAddrPattern of(String entry) {
        MailAddr parts = MailAddr.of(entry);
        return new MailAddrPattern(parts.user(), parts.domain());
    }

    boolean isExact() {
        return domain.indexOf('*') < 0;
    }

    /// Whether an address in lower case fits.
    ///
    /// @param delimiter separates user and tag
    boolean fits(MailAddr address, char delimiter) {
        if (user.isEmpty() && domain.isEmpty()) {
            return true;
        }
        if (!domain.isEmpty() && !Wildcard.fits(address.domain(), domain)) {
            return false;
        }
        if (user.isEmpty()) {
            return true;
        }
        boolean tagCounts = user.indexOf(delimiter) >= 0;
        return user.equals(tagCounts ? address.user() : untagged(address.user(), delimiter));
    }

    /// The local part without its tag.
    static String untagged(String user, char delimiter) {
        int tag = user.indexOf(delimiter);
        return tag < 0 ? user : user.substring(0, tag);
    }
}
