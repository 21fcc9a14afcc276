package smtpd.filter;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;

/// What has happened in a session. Nothing is answered to it.
public sealed interface Report {
    /// Whether the name of an address leads back to it.
    enum Fcrdns {
        /// It does.
        PASS,
        /// It does not, or there is no name.
        FAIL,
        /// That could not be found out.
        ERROR
    }

    /// How a command ended.
    enum Result {
        /// It is done.
        OK,
        /// It never will be.
        PERMFAIL,
        /// Not now.
        TEMPFAIL
    }

    /// How an authentication ended.
    enum AuthResult {
        /// The client is the user.
        PASS,
        /// It is not.
        FAIL,
        /// That could not be found out.
        ERROR
    }

    /// A connection.
    ///
    /// @param rdns the client's name, or `<unknown>`
    /// @param source `192.0.2.1:4711`, `[2001:db8::1]:4711` or `unix:/path`
    /// @param destination in the same form
    record LinkConnect(String rdns, Fcrdns fcrdns, String source, String destination)
            implements Report {
        /// The address of the source; null for a local socket.
        public @Nullable InetAddress address() {
            return Addresses.ofEndpoint(source);
        }
    }

    /// The server has greeted.
    record LinkGreeting(String hostname) implements Report {}

    /// The client has named itself.
    ///
    /// @param method `HELO` or `EHLO`
    record LinkIdentify(String method, String name) implements Report {}

    /// The session is encrypted from here on.
    ///
    /// @param tls `version:cipher:bits`
    record LinkTls(String tls) implements Report {}

    /// An authentication has ended.
    record LinkAuth(AuthResult result, String user) implements Report {}

    /// The session is over. Nothing comes after it.
    record LinkDisconnect() implements Report {}

    /// A transaction has been reset; the message may be `00000000`.
    record TxReset(String msgid) implements Report {}

    /// A transaction begins.
    record TxBegin(String msgid) implements Report {}

    /// MAIL has been answered.
    record TxMail(String msgid, Result result, String address) implements Report {}

    /// RCPT has been answered.
    record TxRcpt(String msgid, Result result, String address) implements Report {}

    /// There is an envelope: one for each recipient after expansion.
    record TxEnvelope(String msgid, String evpid) implements Report {}

    /// DATA has been answered.
    record TxContent(String msgid, Result result) implements Report {}

    /// The message is taken.
    ///
    /// @param size in bytes, as it is kept
    record TxCommit(String msgid, long size) implements Report {}

    /// The message is not taken.
    record TxRollback(String msgid) implements Report {}

    /// A line of the client; what may be a password is `********`.
    record ProtocolClient(String command) implements Report {}

    /// A line of the server.
    record ProtocolServer(String response) implements Report {}

    /// A filter has something to say.
    ///
    /// @param kind `builtin` or `proc`
    record FilterReport(String kind, String filter, String message) implements Report {}

    /// A filter has decided.
    ///
    /// @param phase as in the protocol, but `connected` and `tls` for connect and starttls
    /// @param parameter empty if there is none
    record FilterResponse(String phase, String response, String parameter) implements Report {}

    /// The client was silent for too long.
    record Timeout() implements Report {}

    /// An event of a later version of the protocol.
    ///
    /// @param fields everything behind the session
    record Unknown(String event, String fields) implements Report {}
}
