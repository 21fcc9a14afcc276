package smtpd.lka.table;

import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.UserRecord;

/// Who knows the system's users: the parent. May block.
@FunctionalInterface
public interface SystemUsers {
    /// The user of that name.
    Found lookup(String name);

    /// What came of it.
    ///
    /// @param answer found, not found, not now
    /// @param user the user; without meaning unless found
    record Found(LookupAnswer answer, UserRecord user) {
        /// "No" or "not now".
        public static Found none(LookupAnswer answer) {
            return new Found(answer, new UserRecord("", 0, 0, ""));
        }
    }
}
