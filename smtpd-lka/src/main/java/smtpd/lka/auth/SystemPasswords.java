package smtpd.lka.auth;

import smtpd.core.imsg.LookupAnswer;
import smtpd.core.mail.Secret;

/// Who knows the passwords of the system's users: the parent. May block.
@FunctionalInterface
public interface SystemPasswords {
    /// Whether the password is that user's: found, not found, not now.
    LookupAnswer check(String user, Secret password);
}
