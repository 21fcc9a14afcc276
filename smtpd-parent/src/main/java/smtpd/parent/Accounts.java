package smtpd.parent;

import org.jspecify.annotations.Nullable;

import smtpd.core.proc.SandboxPolicy.Account;
import smtpd.core.sys.Identity;
import smtpd.core.sys.SystemUser;
import smtpd.core.sys.Users;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// The users our processes run as; none when we are not root.
final class Accounts {
    private final Map<Account, Identity> identities = new EnumMap<>(Account.class);

    /// @param root whether we can become other users
    /// @throws IOException naming the command that makes a missing user
    static Accounts find(boolean root) throws IOException {
        Accounts accounts = new Accounts();
        if (root) {
            for (Account account : Account.values()) {
                accounts.identities.put(account, identity(account));
            }
        }
        return accounts;
    }

    private static Identity identity(Account account) throws IOException {
        Optional<SystemUser> user = Users.byName(account.user());
        if (user.isEmpty()) {
            throw new IOException(
                    "no user "
                            + account.user()
                            + ": make it with `useradd -r -U -d /nonexistent -s /usr/sbin/nologin "
                            + account.user()
                            + "`");
        }
        return Identity.of(user.get().uid(), user.get().gid());
    }

    /// The ids of an account; null when everything runs as the calling user.
    @Nullable Identity of(Account account) {
        return identities.get(account);
    }
}
