package smtpd.core.mail;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// What the sender asked about delivery reports (RFC 3461), carried with each envelope.
///
/// @param notifyOn when to report; empty means the default (failure and delay)
/// @param ret how much of the message a report returns
/// @param envid the sender's envelope id, decoded from xtext; empty if none (at most 100
///   characters)
/// @param orcpt the original recipient as `type;address`, decoded from xtext; empty if none (at
///   most 500 characters)
public record Dsn(Set<Notify> notifyOn, Ret ret, String envid, String orcpt) {
    /// No wish expressed.
    public static final Dsn NONE = new Dsn(Set.of(), Ret.UNSPECIFIED, "", "");

    /// Takes a copy of the set, in the order of the enum.
    public Dsn {
        notifyOn =
                notifyOn.isEmpty()
                        ? Set.of()
                        : Collections.unmodifiableSet(EnumSet.copyOf(notifyOn));
    }

    /// RFC 3461 §4.1 NOTIFY values.
    public enum Notify {
        /// Never report anything; excludes the others.
        NEVER,
        /// Report a delivery.
        SUCCESS,
        /// Report a failure.
        FAILURE,
        /// Report a delay.
        DELAY
    }

    /// RFC 3461 §4.3 RET values.
    public enum Ret {
        /// Not given: our choice.
        UNSPECIFIED,
        /// The full message.
        FULL,
        /// The header only.
        HDRS
    }
}
