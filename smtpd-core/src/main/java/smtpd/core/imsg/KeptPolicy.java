package smtpd.core.imsg;

import java.time.Instant;

/// An MTA-STS policy of a domain, kept over restarts (RFC 8461 §3.3).
///
/// @param domain lower case
/// @param id the version of its record
/// @param until when it ends
/// @param text the policy as it was fetched, or the same in other words
public record KeptPolicy(String domain, String id, Instant until, String text) {
    static void write(FrameOut out, KeptPolicy value) {
        out.text(value.domain());
        out.text(value.id());
        out.instant(value.until());
        out.text(value.text());
    }

    static KeptPolicy read(FrameIn in) {
        return new KeptPolicy(in.text(), in.text(), in.instant(), in.text());
    }
}
