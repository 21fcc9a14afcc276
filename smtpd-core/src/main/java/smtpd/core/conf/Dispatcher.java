package smtpd.core.conf;

import java.time.Duration;

/// What an `action NAME METHOD …` directive compiles to; envelopes store its name.
public sealed interface Dispatcher {
    /// The action's name.
    String name();

    /// Delivery on this machine.
    ///
    /// @param name the action's name
    /// @param method how
    /// @param users how the recipient becomes a user
    /// @param wrapper a `mda wrapper` by name; empty for none
    /// @param ttl how long it is tried; zero for the queue's ttl
    record Local(String name, Method method, Users users, String wrapper, Duration ttl)
            implements Dispatcher {}

    /// Delivery to another server.
    ///
    /// @param name the action's name
    /// @param target which servers
    /// @param identity how we present ourselves
    /// @param tls encryption
    /// @param filter a filter or chain that is told of the session; empty for none
    /// @param ttl how long it is tried; zero for the queue's ttl
    record Remote(
            String name,
            Target target,
            Identity identity,
            RelayTls tls,
            String filter,
            Duration ttl)
            implements Dispatcher {}

    /// The built-in one that composes a bounce.
    record Bounce(String name) implements Dispatcher {}

    /// The built-in bounce dispatcher.
    Bounce BOUNCE = new Bounce("<bounce>");

    /// How a message is delivered on this machine.
    sealed interface Method {
        /// The user's mbox under /var/mail.
        record Mbox() implements Method {}

        /// A maildir.
        ///
        /// @param path may hold `~/` and format specifiers; empty for `~/Maildir`
        /// @param junk whether messages marked as spam go to the folder `.Junk`
        record Maildir(String path, boolean junk) implements Method {}

        /// An LMTP server.
        ///
        /// @param destination `/socket`, `host`, `host:port`, `[v6]:port`
        /// @param rcptTo whether RCPT gives the expanded recipient address, not the user name
        record Lmtp(String destination, boolean rcptTo) implements Method {}

        /// A shell command, with format specifiers.
        record Command(String command) implements Method {}

        /// Accepted only when the expansion leads elsewhere.
        record ExpandOnly() implements Method {}

        /// Accepted only when the user has a usable `.forward`.
        record ForwardOnly() implements Method {}
    }

    /// How a recipient becomes a user. Tables by name; empty for none.
    ///
    /// @param alias local part → expansion
    /// @param virtual address → expansion; never together with alias
    /// @param userbase user → uid, gid, home; empty for the system's users
    /// @param user the system user every delivery runs as; empty for the recipient's own
    record Users(String alias, String virtual, String userbase, String user) {
        /// System users, no expansion table.
        public static final Users SYSTEM = new Users("", "", "", "");
    }

    /// Which servers a message is sent to.
    sealed interface Target {
        /// The MX hosts of the destination domain.
        record Mx() implements Target {}

        /// Those MX hosts that are preferred to a name.
        ///
        /// @param mx the name; empty for the server's own
        record Backup(String mx) implements Target {}

        /// Smart hosts, in turn.
        ///
        /// @param hosts table with a list of URLs
        /// @param auth label → user and password; empty for none
        /// @param search what their names lead to
        record Host(String hosts, String auth, Search search) implements Target {
            /// By their addresses.
            public Host(String hosts, String auth) {
                this(hosts, auth, Search.ADDRESSES);
            }
        }

        /// What the name of a smart host leads to.
        enum Search {
            /// Its addresses.
            ADDRESSES,
            /// Its mail exchangers.
            EXCHANGERS
        }

        /// A smart host per destination domain.
        ///
        /// @param map domain → URL
        /// @param auth label → user and password; empty for none
        record DomainMap(String map, String auth) implements Target {}
    }

    /// How we present ourselves to a server. All empty unless configured.
    ///
    /// @param helo the HELO name
    /// @param heloSrc table: source address → HELO name
    /// @param src table with a list of source addresses
    /// @param mailFrom replaces the envelope sender; `@domain` replaces its domain only; never a
    ///   null sender
    /// @param srs whether forwarded senders are rewritten
    record Identity(String helo, String heloSrc, String src, String mailFrom, boolean srs) {
        /// The server's name, any address, senders unchanged.
        public static final Identity DEFAULT = new Identity("", "", "", "", false);
    }

    /// How an outgoing session is encrypted, unless the URL of a smart host says more.
    ///
    /// @param mode whether TLS is required
    /// @param pki our client certificate by name; empty for none
    /// @param ca trust anchors by name; empty for the system's
    /// @param ciphers cipher list; empty for the default
    /// @param protocols protocol list; empty for the default
    record RelayTls(TlsPolicy mode, String pki, String ca, String ciphers, String protocols) {
        /// Opportunistic.
        public static final RelayTls DEFAULT =
                new RelayTls(TlsPolicy.OPPORTUNISTIC, "", "", "", "");
    }

    /// Whether an outgoing session needs TLS.
    enum TlsPolicy {
        /// Used when offered.
        OPPORTUNISTIC,
        /// `tls`: required, and the certificate must verify.
        VERIFY,
        /// `tls no-verify`: required.
        NO_VERIFY
    }
}
