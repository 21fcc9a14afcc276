package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.UserRecord;
import smtpd.core.sys.SysException;
import smtpd.core.sys.SystemUser;
import smtpd.core.sys.Users;

import java.util.Optional;

/// The users of this machine, through the C library, so that every source of the name service
/// switch counts.
final class SystemUsers {
    private static final Logger LOG = LoggerFactory.getLogger(SystemUsers.class);

    /// What became of a look-up.
    sealed interface Answer {
        /// There is such a user.
        record Found(UserRecord user) implements Answer {}

        /// There is none.
        record Unknown() implements Answer {}

        /// The user database did not answer: not now.
        record Unavailable() implements Answer {}
    }

    Answer find(String name) {
        try {
            Optional<SystemUser> user = Users.byName(name);
            return user.<Answer>map(it -> new Answer.Found(record(it)))
                    .orElseGet(Answer.Unknown::new);
        } catch (SysException e) {
            LOG.warn("warn: user database: {}", e.getMessage());
            return new Answer.Unavailable();
        }
    }

    private static UserRecord record(SystemUser user) {
        return new UserRecord(user.name(), user.uid(), user.gid(), user.home());
    }
}
