package smtpd.core.conf;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A `listen on …` directive: where sessions are accepted and on which terms.
///
/// @param bind the local socket, or addresses with a port
/// @param tls encryption
/// @param auth authentication
/// @param session what a session here looks like
/// @param where the directive's place
public record Listener(Bind bind, Tls tls, Auth auth, Session session, Location where) {
    /// Where sessions are accepted.
    public sealed interface Bind {
        /// The local socket, over the control process.
        record Socket() implements Bind {}

        /// TCP.
        ///
        /// @param target an interface, an address, or a name whose every address is meant
        /// @param family restricts the addresses of the target
        /// @param port 1 to 65535
        record Inet(String target, Family family, int port) implements Bind {}
    }

    /// When a session is encrypted.
    public enum TlsMode {
        /// Never.
        NONE,
        /// `tls`: STARTTLS is offered.
        STARTTLS,
        /// `tls-require`: STARTTLS before MAIL.
        REQUIRE,
        /// `smtps`: from the first byte.
        SMTPS
    }

    /// Encryption of a listener.
    ///
    /// @param mode when
    /// @param verify whether the client's certificate must verify
    /// @param pkis certificates by pki name, the first being the default
    /// @param ca trust anchors for client certificates, by name; empty for the system's
    /// @param ciphers cipher list; empty for the default
    /// @param protocols protocol list, such as `TLSv1.2,TLSv1.3`; empty for the default
    public record Tls(
            TlsMode mode,
            boolean verify,
            List<String> pkis,
            String ca,
            String ciphers,
            String protocols) {
        /// No encryption.
        public static final Tls NONE = new Tls(TlsMode.NONE, false, List.of(), "", "", "");

        public Tls {
            pkis = List.copyOf(pkis);
        }
    }

    /// Whether a session authenticates.
    public enum AuthMode {
        NONE,
        OPTIONAL,
        REQUIRED
    }

    /// Authentication of a listener.
    ///
    /// @param mode whether
    /// @param table credentials; empty for the system's users
    /// @param senders user → permitted envelope senders; empty for no restriction
    /// @param masquerade whether the From: header is rewritten too
    /// @param scram whether the credentials are keys of SCRAM, so that it can be offered
    public record Auth(
            AuthMode mode, String table, String senders, boolean masquerade, boolean scram) {
        /// No authentication.
        public static final Auth NONE = new Auth(AuthMode.NONE, "", "", false, false);
    }

    /// What a session looks like.
    ///
    /// @param hostname the name in banner, EHLO and Received; empty for the server's
    /// @param hostnames local address → name; overrides the hostname; empty for none
    /// @param tag what rules can test; empty for none
    /// @param filter a filter or chain by name; empty for none
    /// @param bareLf clients whose bare LF ends a line (`bare-lf`); empty for none
    /// @param flags switches
    public record Session(
            String hostname,
            String hostnames,
            String tag,
            String filter,
            String bareLf,
            Set<Flag> flags) {
        /// Nothing set.
        public static final Session NONE =
                new Session("", "", "", "", "", EnumSet.noneOf(Flag.class));

        public Session {
            EnumSet<Flag> ordered = EnumSet.noneOf(Flag.class);
            ordered.addAll(flags);
            flags = Collections.unmodifiableSet(ordered);
        }
    }

    /// Switches of a listener.
    public enum Flag {
        /// `mask-src`: no from-part in the Received header.
        MASK_SRC,
        /// `received-auth`: the Received header says who authenticated.
        RECEIVED_AUTH,
        /// `no-dsn`: the DSN extension is not offered.
        NO_DSN,
        /// `proxy-v2`: a binary header of the PROXY protocol is required.
        PROXY_V2,
        /// `proxy-v1`: a header of the PROXY protocol in text is; with both, either.
        PROXY_V1,
        /// `lmtp`: LMTP (RFC 2033) is spoken, not SMTP.
        LMTP
    }

    /// Whether this is the local socket.
    public boolean isSocket() {
        return bind instanceof Bind.Socket;
    }

    /// Whether a switch is on.
    public boolean has(Flag flag) {
        return session.flags().contains(flag);
    }

    /// The local socket as it is when nothing is written about it.
    public static final Listener DEFAULT_SOCKET =
            new Listener(new Bind.Socket(), Tls.NONE, Auth.NONE, Session.NONE, Location.NONE);
}
