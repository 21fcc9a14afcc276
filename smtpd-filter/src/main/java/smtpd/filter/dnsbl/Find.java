package smtpd.filter.dnsbl;

import java.util.ArrayList;
import java.util.List;

/// Something a list has.
///
/// @param entry the list
/// @param subject what is listed, for people
/// @param question the name that was asked for
/// @param codes the answers that count
record Find(Entry entry, String subject, String question, List<String> codes) {
    /// What was found; empty if the answers do not count.
    static List<Find> of(Entry entry, String subject, String question, Listing listing) {
        List<String> counted = new ArrayList<>();
        if (listing instanceof Listing.Listed(List<String> codes)) {
            codes.stream().filter(entry.codes()::count).forEach(counted::add);
        }
        return counted.isEmpty()
                ? List.of()
                : List.of(new Find(entry, subject, question, List.copyOf(counted)));
    }

    /// The sum of their scores.
    static int score(List<Find> finds) {
        return finds.stream().mapToInt(it -> it.entry.score()).sum();
    }
}
