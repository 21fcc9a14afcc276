package smtpd.mta;

import smtpd.core.mail.Esc;
import smtpd.core.mail.Outcome;

/// Why mail for a destination cannot go out, before any server was asked about it.
///
/// @param outcome tempfail, permfail or loop
/// @param status the enhanced status code
/// @param text one line for the log, the queue and a report
record Failure(Outcome outcome, Esc status, String text) {
    /// RFC 3463 §3.5: bad destination system address.
    static final Failure NO_DOMAIN = permanent(1, 2, "Domain does not exist");

    /// The domain is no domain name at all.
    static final Failure INVALID_DOMAIN = permanent(1, 2, "Invalid domain name");

    /// RFC 7505 §4.1: the domain takes no mail.
    static final Failure NULL_MX = permanent(1, 10, "Domain does not accept mail");

    /// There is a domain and no address.
    static final Failure NO_MX = temporary(4, 4, "No MX found for domain");

    /// A relay host without an address: the operator may yet mend it.
    static final Failure NO_HOST = temporary(4, 4, "Host not found");

    /// DNS did not answer.
    static final Failure DNS = temporary(4, 3, "Temporary failure in MX lookup");

    /// RFC 5321 §5.1: we are the best mail exchanger ourselves.
    static final Failure SELF =
            new Failure(Outcome.LOOP, new Esc(5, 4, 6), "Mail for destination loops back to us");

    /// Sources and hosts have no address family in common.
    static final Failure FAMILY = temporary(4, 4, "Address family mismatch on destination MXs");

    /// The operator has stopped every source towards the destination.
    static final Failure BLOCKED = temporary(3, 2, "All routes to destination blocked");

    /// The table of source addresses did not answer.
    static final Failure NO_SOURCE = temporary(3, 5, "Could not retrieve source address");

    /// The table of relay hosts did not answer.
    static final Failure NO_RELAY_HOST = temporary(3, 5, "Could not retrieve relay host");

    /// A domain map has no entry for the domain.
    static final Failure NO_MAP_ENTRY = temporary(3, 5, "No relay host for this domain");

    /// A table names something that is no relay host.
    static final Failure BAD_RELAY_HOST = temporary(3, 5, "Invalid relay host");

    /// A relay host that never encrypts, for an action that demands it.
    static final Failure NEVER_ENCRYPTED = temporary(7, 4, "TLS required for relaying");

    /// lka did not say which sender a forwarded message gets.
    static final Failure NO_SENDER = temporary(3, 5, "Could not rewrite the sender");

    /// The action that accepted the envelope is no longer configured.
    static final Failure NO_ACTION = temporary(3, 5, "Action is not configured");

    /// What DNS says about the host's certificate cannot be believed, or could not be had.
    static final Failure DANE =
            temporary(7, 5, "Certificate of the destination host cannot be looked up securely");

    /// The domain's policy does not know the host.
    static final Failure STS =
            temporary(7, 5, "Destination host is not one that the policy of the domain allows");

    /// Nobody answered.
    static final Failure NETWORK = temporary(4, 1, "Network error on destination MXs");

    /// A server does not want us now.
    ///
    /// @param reply its words
    static Failure of(String reply) {
        return new Failure(Outcome.TEMPFAIL, new Esc(4, 3, 2), reply);
    }

    /// A server is not known to be the right one.
    ///
    /// @param reason why
    static Failure untrusted(String reason) {
        return temporary(7, 5, reason);
    }

    /// A server does not speak SMTP.
    ///
    /// @param reason what it did
    static Failure protocol(String reason) {
        return temporary(5, 0, reason);
    }

    private static Failure permanent(int subject, int detail, String text) {
        return new Failure(Outcome.PERMFAIL, new Esc(5, subject, detail), text);
    }

    private static Failure temporary(int subject, int detail, String text) {
        return new Failure(Outcome.TEMPFAIL, new Esc(4, subject, detail), text);
    }
}
