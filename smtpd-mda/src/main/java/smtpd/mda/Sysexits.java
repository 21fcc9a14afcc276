package smtpd.mda;

import smtpd.core.mail.Esc;
import smtpd.core.mail.Outcome;

/// What the exit status of a delivery command means (sysexits(3)).
///
/// OpenSMTPD: 0 is ok, 71 and 75 are "not now", a signal is too, everything else is permanent.
final class Sysexits {
    private static final int OK = 0;
    private static final int USAGE = 64;
    private static final int DATAERR = 65;
    private static final int NOINPUT = 66;
    private static final int NOUSER = 67;
    private static final int NOHOST = 68;
    private static final int UNAVAILABLE = 69;
    private static final int SOFTWARE = 70;
    private static final int OSERR = 71;
    private static final int OSFILE = 72;
    private static final int CANTCREAT = 73;
    private static final int IOERR = 74;
    private static final int TEMPFAIL = 75;
    private static final int PROTOCOL = 76;
    private static final int NOPERM = 77;
    private static final int CONFIG = 78;

    private Sysexits() {}

    /// The verdict on a command.
    ///
    /// @param ended how it ended
    /// @param readAll whether it took the whole message
    static Verdict verdict(Commands.Ended ended, boolean readAll) {
        if (ended.timedOut()) {
            return Verdict.tempfail("4.3.0", quoted(ended, "terminated; timeout"));
        }
        if (ended.signal() != 0 || ended.exit() < 0) {
            return Verdict.tempfail("4.3.0", quoted(ended, "terminated; signal " + ended.signal()));
        }
        if (ended.exit() == OK) {
            return readAll
                    ? Verdict.DELIVERED
                    : Verdict.tempfail("4.3.0", "mda exited prematurely");
        }
        boolean temporary = ended.exit() == OSERR || ended.exit() == TEMPFAIL;
        return new Verdict(
                temporary ? Outcome.TEMPFAIL : Outcome.PERMFAIL,
                temporary ? new Esc(4, 3, 0) : status(ended.exit()),
                word(ended.exit()),
                quoted(ended, "exited abnormally"));
    }

    private static String quoted(Commands.Ended ended, String otherwise) {
        return ended.output().isEmpty() ? otherwise : "\"" + ended.output() + "\"";
    }

    private static Esc status(int exit) {
        return switch (exit) {
            case NOUSER -> new Esc(5, 1, 1);
            case NOHOST -> new Esc(5, 1, 2);
            case DATAERR -> new Esc(5, 6, 0);
            case CANTCREAT -> new Esc(5, 2, 0);
            case NOPERM -> new Esc(5, 7, 1);
            case CONFIG -> new Esc(5, 3, 5);
            default -> new Esc(5, 3, 0);
        };
    }

    private static String word(int exit) {
        return switch (exit) {
            case USAGE -> "command line usage error";
            case DATAERR -> "data format error";
            case NOINPUT -> "cannot open input";
            case NOUSER -> "user unknown";
            case NOHOST -> "host name unknown";
            case UNAVAILABLE -> "service unavailable";
            case SOFTWARE -> "internal software error";
            case OSERR -> "system resource problem";
            case OSFILE -> "critical system file missing";
            case CANTCREAT -> "cannot create output file";
            case IOERR -> "input/output error";
            case TEMPFAIL -> "temporary failure";
            case PROTOCOL -> "remote protocol error";
            case NOPERM -> "permission denied";
            case CONFIG -> "local configuration error";
            default -> "";
        };
    }
}
