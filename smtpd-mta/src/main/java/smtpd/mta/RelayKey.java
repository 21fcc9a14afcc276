package smtpd.mta;

import smtpd.core.conf.Dispatcher;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/// What tells one relay from another: the action, with all its options, and the destination.
///
/// OpenSMTPD: mta.c, relays; there, actions that differ only in `mail-from`, ciphers or
/// verification share a relay and the options of the first.
///
/// @param action the `relay` action that accepted the mail
/// @param hop where it goes
/// @param without the hosts there that its messages cannot be given
record RelayKey(Dispatcher.Remote action, NextHop hop, Without without) {
    /// With all hosts.
    RelayKey(Dispatcher.Remote action, NextHop hop) {
        this(action, hop, Without.NOTHING);
    }

    /// The same destination for messages that one host more cannot be given.
    ///
    /// @param address the host
    /// @param why what it lacks
    RelayKey without(String address, Failure why) {
        Set<String> addresses = new TreeSet<>(without.addresses());
        addresses.add(address);
        return new RelayKey(action, hop, new Without(addresses, why));
    }

    /// Hosts that do not offer what some messages need.
    ///
    /// @param addresses literal addresses
    /// @param why what befalls these messages when no other host is left
    record Without(Set<String> addresses, Failure why) {
        /// Every host will do.
        static final Without NOTHING = new Without(Set.of(), Failure.NETWORK);

        public Without {
            addresses = Collections.unmodifiableSet(new TreeSet<>(addresses));
        }
    }

    /// Where mail goes.
    ///
    /// @param kind how the name leads to hosts
    /// @param name lower-case domain, host name or literal address
    /// @param port the port of the hosts
    /// @param scheme how they are spoken to
    /// @param label names the credentials; empty for none
    record NextHop(Kind kind, String name, int port, Scheme scheme, String label) {
        /// The mail exchangers of a domain.
        static NextHop mx(String domain, Scheme scheme) {
            return new NextHop(Kind.MX, domain, scheme.port(), scheme, "");
        }

        /// `schema://label@host:port`.
        String place() {
            return new RelayUrl(scheme, label, name, port).toString();
        }

        /// The mail exchangers of a relay host; itself if it is an address.
        static NextHop exchangers(RelayUrl url) {
            Kind kind = Resolver.literal(url.host()).isEmpty() ? Kind.HOST_MX : Kind.HOST;
            return new NextHop(kind, url.host(), url.port(), url.scheme(), url.label());
        }

        /// A relay host.
        static NextHop host(RelayUrl url) {
            return new NextHop(Kind.HOST, url.host(), url.port(), url.scheme(), url.label());
        }
    }

    /// How a name leads to hosts.
    enum Kind {
        /// By MX records.
        MX,
        /// By address records.
        HOST,
        /// By MX records, of a relay host: what DNS does not know the operator may yet mend.
        HOST_MX
    }
}
