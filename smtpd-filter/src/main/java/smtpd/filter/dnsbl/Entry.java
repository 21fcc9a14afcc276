package smtpd.filter.dnsbl;

import java.util.Set;

/// One line of the settings: what a list says, and what that weighs.
///
/// @param zone of the list
/// @param subjects what the list is asked about
/// @param score added when it is listed; negative for a list of good senders
/// @param codes the answers that count
/// @param tested whether the list must have its test entries
record Entry(String zone, Set<Subject> subjects, int score, Codes codes, boolean tested) {
    /// What a list can be asked about.
    enum Subject {
        /// The client's address.
        ADDRESS,
        /// The client's name for itself.
        HELO,
        /// The name of the client's address.
        RDNS,
        /// The domain of the sender.
        SENDER
    }

    boolean isOfAddresses() {
        return subjects.contains(Subject.ADDRESS);
    }
}
