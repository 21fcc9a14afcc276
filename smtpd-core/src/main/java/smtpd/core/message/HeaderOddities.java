package smtpd.core.message;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What is odd in a header that is accepted all the same (RFC 5322 §3.6): filters and readers may
/// each see another author in it.
final class HeaderOddities {
    /// Fields that may stand once (RFC 5322 §3.6).
    private static final List<String> ONCE =
            List.of(
                    "date",
                    "from",
                    "sender",
                    "reply-to",
                    "to",
                    "cc",
                    "message-id",
                    "in-reply-to",
                    "references",
                    "subject");

    private HeaderOddities() {}

    /// The names of fields that stand more than once, then `from-empty` (no address), `from-broken`
    /// (not all of it can be read) and `from-domains` (authors of several domains).
    static List<String> of(HeaderBlock block) {
        List<String> odd = new ArrayList<>();
        for (String name : ONCE) {
            if (count(block, name) > 1) {
                odd.add(name);
            }
        }
        author(block, odd);
        return odd;
    }

    private static int count(HeaderBlock block, String name) {
        int count = 0;
        for (int i = 0; i < block.fields(); i++) {
            count += block.is(i, name) ? 1 : 0;
        }
        return count;
    }

    private static void author(HeaderBlock block, List<String> odd) {
        Set<String> domains = new LinkedHashSet<>();
        boolean whole = true;
        int authors = 0;
        for (int i = 0; i < block.fields(); i++) {
            if (block.is(i, "from")) {
                authors++;
                HeaderAddresses from =
                        HeaderAddresses.scan(block.buffer(), block.valueStart(i), block.end(i));
                from.addresses().forEach(address -> domains.add(address.domainKey()));
                whole &= from.whole();
            }
        }
        if (authors > 0 && domains.isEmpty()) {
            odd.add("from-empty");
        }
        if (!whole) {
            odd.add("from-broken");
        }
        if (domains.size() > 1) {
            odd.add("from-domains");
        }
    }
}
