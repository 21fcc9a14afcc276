package smtpd.control;

import java.time.Duration;

/// What one client, one user and all of them may take of the control socket.
///
/// @param perUser connections of one uid at a time
/// @param total connections of all uids but root's and ours, so that the operator always gets in
/// @param idle how long a client may take for a request
/// @param write how long a client may take to accept a frame of the answer
record ClientLimits(int perUser, int total, Duration idle, Duration write) {
    /// OpenSMTPD: 32 connections of one uid, no other limit.
    static final ClientLimits DEFAULT =
            new ClientLimits(32, 128, Duration.ofSeconds(120), Duration.ofSeconds(30));
}
