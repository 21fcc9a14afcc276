package smtpd.control.client;

/// Exit statuses, as the callers of `sendmail` and `smtpctl` know them (`sysexits.h`).
final class Exit {
    /// Done.
    static final int OK = 0;

    /// The command failed.
    static final int FAILED = 1;

    /// `EX_USAGE`: the command line is wrong.
    static final int USAGE = 64;

    /// `EX_DATAERR`: the message is no message.
    static final int DATA = 65;

    /// `EX_NOHOST`: the server has no name to complete addresses with.
    static final int NO_HOST = 68;

    /// `EX_UNAVAILABLE`: no server, and the message cannot be kept for it.
    static final int UNAVAILABLE = 69;

    /// `EX_SOFTWARE`: refused by the server, or nobody to send to.
    static final int REFUSED = 70;

    /// `EX_TEMPFAIL`: not now; either kept for the server or to be tried again by the caller.
    static final int TEMPFAIL = 75;

    /// `smtpctl` does not know the command.
    static final int UNKNOWN_COMMAND = 255;

    private Exit() {}
}
