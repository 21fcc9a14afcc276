package smtpd.lka.expand;

import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.UserRecord;

/// Who opens users' `.forward` files: the parent, which checks ownership and modes. May block.
@FunctionalInterface
public interface ForwardFiles {
    /// The file of that user.
    ParentToChild.ForwardFile open(UserRecord user);
}
