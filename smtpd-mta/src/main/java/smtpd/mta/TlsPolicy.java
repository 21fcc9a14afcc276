package smtpd.mta;

import smtpd.core.imsg.Tlsa;

import java.util.List;

/// What the mail of a session is owed in the way of encryption: a value, and part of what makes two
/// sessions interchangeable, so that no mail ever meets a session that promises less.
public sealed interface TlsPolicy {
    /// In clear, always.
    record Clear() implements TlsPolicy {}

    /// Encrypted if the server can; whoever it is.
    record Opportunistic() implements TlsPolicy {}

    /// Encrypted, or not sent; whoever it is.
    ///
    /// @param origin who asked for it
    record Encrypted(Origin origin) implements TlsPolicy {}

    /// Encrypted, with a certificate that our trust anchors vouch for and that is for one of these
    /// names; or not sent.
    ///
    /// @param origin who asked for it
    /// @param names host names or literal addresses
    record Verified(Origin origin, List<String> names) implements TlsPolicy {
        public Verified {
            names = List.copyOf(names);
        }
    }

    /// Encrypted, with a certificate that one of these records fits; or not sent (RFC 7672 §2.2).
    ///
    /// @param base the name the records stand under, which the server is asked for (RFC 7672 §8.1)
    /// @param records those that can be used, at least one
    /// @param names the host names of which a certificate under an authority must bear one; empty
    ///   where no record speaks of an authority
    record Dane(String base, List<Tlsa> records, List<String> names) implements TlsPolicy {
        public Dane {
            records = List.copyOf(records);
            names = List.copyOf(names);
        }
    }

    /// Who asked for a policy.
    enum Origin {
        /// The configuration.
        ACTION,
        /// TLSA records (RFC 7672).
        DANE,
        /// The domain's policy (RFC 8461).
        STS
    }

    /// Whether mail must not go out in clear.
    default boolean needsTls() {
        return switch (this) {
            case Clear _, Opportunistic _ -> false;
            case Encrypted _, Verified _, Dane _ -> true;
        };
    }

    /// One word for logs: `none`, `opportunistic`, `encrypt`, `verify`, `dane`, `dane-only`
    /// (records that cannot be used: encryption without verification), `sts`.
    default String word() {
        return switch (this) {
            case Clear _ -> "none";
            case Opportunistic _ -> "opportunistic";
            case Encrypted(Origin origin) -> origin == Origin.DANE ? "dane-only" : "encrypt";
            case Verified(Origin origin, _) -> origin == Origin.STS ? "sts" : "verify";
            case Dane _ -> "dane";
        };
    }
}
