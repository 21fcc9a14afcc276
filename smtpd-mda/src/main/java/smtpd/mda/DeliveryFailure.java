package smtpd.mda;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/// A delivery that cannot go on, and the verdict it ends with.
public final class DeliveryFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Verdict verdict;

    /// @param verdict how the delivery ends
    public DeliveryFailure(Verdict verdict) {
        super(verdict.text());
        this.verdict = verdict;
    }

    /// The verdict for anything that can go wrong: everything a user or an administrator can put
    /// right is "not now" (RFC 3463 §3.3, §3.4).
    static Verdict verdict(IOException e) {
        return e instanceof DeliveryFailure failure ? failure.verdict : disk(e);
    }

    private static Verdict disk(IOException e) {
        String reason = reason(e);
        String lower = reason.toLowerCase(Locale.ROOT);
        String status =
                lower.contains("quota")
                        ? "4.2.2"
                        : lower.contains("no space left") ? "4.3.1" : "4.3.0";
        return Verdict.tempfail(status, reason);
    }

    private static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException denied -> denied.getFile() + ": Permission denied";
            case NoSuchFileException missing -> missing.getFile() + ": No such file or directory";
            case NotDirectoryException file -> file.getFile() + ": Not a directory";
            case FileSystemException other -> String.valueOf(other.getMessage());
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }
}
