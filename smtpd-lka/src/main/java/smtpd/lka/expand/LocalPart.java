package smtpd.lka.expand;

import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.Quoting;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a local part means to tables: its user, its tag, and the keys it is looked up under.
///
/// A quoted local part means its content (RFC 5321 §4.1.2: quoting is not part of the name).
///
/// @param delimiter separates user and tag
record LocalPart(char delimiter) {
    /// The lower-case name a local part stands for; empty when no user can have it: it is empty,
    /// longer than [NodeParser#USER_MAX], or holds a character that has no place in a user name or
    /// would mean something in a path.
    Optional<String> userName(String localPart) {
        String name = Quoting.content(localPart).toLowerCase(Locale.ROOT);
        boolean impossible =
                untagged(name).isEmpty()
                        || name.length() > NodeParser.USER_MAX
                        || untagged(name).matches("\\.{1,2}")
                        || name.chars()
                                .anyMatch(c -> c < 0x20 || c == 0x7f || c == '/' || c == '@');
        return impossible ? Optional.empty() : Optional.of(name);
    }

    /// The name without its tag.
    String untagged(String name) {
        int at = name.indexOf(delimiter);
        return at < 0 ? name : name.substring(0, at);
    }

    /// The tag, or empty.
    String tag(String name) {
        int at = name.indexOf(delimiter);
        return at < 0 ? "" : name.substring(at + 1);
    }

    /// Keys of an alias table, in order: with the tag, without.
    List<String> aliasKeys(String name) {
        return List.copyOf(new LinkedHashSet<>(List.of(name, untagged(name))));
    }

    /// Keys of a virtual table, in order: `user+tag@domain`, `user@domain`, `user+tag`, `user`,
    /// `@domain`, `@`.
    List<String> virtualKeys(MailAddr addr) {
        String name = Quoting.content(addr.user()).toLowerCase(Locale.ROOT);
        String domain = addr.domainKey();
        Set<String> keys = new LinkedHashSet<>();
        keys.add(name + "@" + domain);
        keys.add(untagged(name) + "@" + domain);
        if (name.indexOf('@') < 0) {
            // a quoted "user@elsewhere" must not find the entry of user@elsewhere
            keys.add(name);
            keys.add(untagged(name));
        }
        keys.add("@" + domain);
        keys.add("@");
        keys.remove("");
        return List.copyOf(keys);
    }
}
