package smtpd.filter;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;

/// What a filter is asked about: the argument of a phase.
public sealed interface Question {
    /// A client has come.
    ///
    /// @param rdns its name, or `<unknown>`
    /// @param source its address without port, or `local`
    record Connect(String rdns, String source) implements Question {
        /// The address; null for a client of this machine's own socket.
        public @Nullable InetAddress address() {
            return Addresses.literal(source);
        }
    }

    /// HELO or EHLO.
    ///
    /// @param name what the client calls itself
    record Hello(String name) implements Question {}

    /// STARTTLS.
    ///
    /// @param tls empty: nothing is known before the handshake
    record Starttls(String tls) implements Question {}

    /// AUTH.
    ///
    /// @param request the mechanism, and what came with it as `********`
    record Auth(String request) implements Question {}

    /// MAIL or RCPT.
    ///
    /// @param address without angle brackets and parameters; empty for the null sender
    record Address(String address) implements Question {
        /// What is behind the last `@`; empty if there is none.
        public String domain() {
            return Addresses.domain(address);
        }
    }

    /// A phase without an argument.
    record Bare() implements Question {}
}
