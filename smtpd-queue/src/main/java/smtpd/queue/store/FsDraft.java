package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.SpoolFile;
import smtpd.core.mail.MsgId;

/// A message that was begun, and the file its content goes to; the committer's.
final class FsDraft extends Draft {
    @Nullable SpoolFile file;
    long written;

    FsDraft(MsgId id) {
        super(id);
    }
}
