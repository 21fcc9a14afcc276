package smtpd.mta;

import smtpd.core.mail.SessionId;

/// Where a session goes and how it behaves.
///
/// @param id its id
/// @param route source, address, port, scheme, helo name, terms of encryption
/// @param ptr the host's reverse name, for logs
/// @param host the name that led to the address; empty if there was none
/// @param maxFailures recipients refused in a row after which it gives up on the host
/// @param manner what the server can bear
public record SessionPlan(
        SessionId id, RouteKey route, String ptr, String host, int maxFailures, Manner manner) {

    /// What a server can bear.
    ///
    /// @param pipelining whether PIPELINING may be used where it is offered
    /// @param encryption whether encryption may be tried where nobody insists on it
    public record Manner(boolean pipelining, boolean encryption) {}

    /// A session without a host name, with encryption where it can be had.
    public SessionPlan(
            SessionId id, RouteKey route, String ptr, int maxFailures, boolean pipelining) {
        this(id, route, ptr, "", maxFailures, new Manner(pipelining, true));
    }
}
