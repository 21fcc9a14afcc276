package smtpd.e2e.sim;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.DeliveryType;
import smtpd.core.mail.MsgId;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What has happened to one recipient, or to a report on its way to a sender.
final class Rcpt {
    final String dest;
    final @Nullable Letter letter;
    final Set<MsgId> failureReports = new TreeSet<>();
    final List<Attempt> attempts = new ArrayList<>();
    @Nullable Instant created;
    boolean tried;
    boolean refused;
    boolean failed;
    long expired = -1;
    boolean removalAsked;
    boolean scheduled;

    /// One try of a deliverer.
    static final class Attempt {
        final DeliveryType type;
        final long started;
        long delivered = -1;
        long reported = -1;
        boolean uncertain;
        boolean deferred;

        Attempt(DeliveryType type, long started) {
            this.type = type;
            this.started = started;
        }
    }

    /// @param dest the address
    /// @param letter the message it belongs to; null for a report
    Rcpt(String dest, @Nullable Letter letter) {
        this.dest = dest;
        this.letter = letter;
    }

    boolean delivered() {
        return attempts.stream().anyMatch(attempt -> attempt.delivered >= 0);
    }

    /// Whether anything was ever done with it.
    boolean touched() {
        return !attempts.isEmpty() || failed || expired >= 0;
    }

    boolean ended() {
        return delivered() || failed || expired >= 0 || removalAsked;
    }
}
