package smtpd.mta;

import smtpd.core.mail.SessionId;

/// Where a session goes and how it behaves.
///
/// @param id its id
/// @param route source, address, port, scheme and helo name
/// @param ptr the host's reverse name, for logs
/// @param maxFailures recipients refused in a row after which it gives up on the host
/// @param pipelining whether PIPELINING may be used where it is offered
public record SessionPlan(
        SessionId id, RouteKey route, String ptr, int maxFailures, boolean pipelining) {}
