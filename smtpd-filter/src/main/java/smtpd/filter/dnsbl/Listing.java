package smtpd.filter.dnsbl;

import java.util.List;

/// What a list says about one name.
sealed interface Listing {
    /// It has it.
    ///
    /// @param codes all its answers
    record Listed(List<String> codes) implements Listing {}

    /// It has it not.
    record NotListed() implements Listing {}

    /// That could not be found out, or the list is not to be believed.
    record Unknown() implements Listing {}
}
