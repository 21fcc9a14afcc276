package smtpd.lka.table;

/// Comparison of a domain with a pattern that may hold `*`.
final class Wildcard {
    private Wildcard() {}

    /// Whether `text` fits `pattern`; both in lower case.
    ///
    /// A `*` stands for everything up to the first occurrence of the character behind it and never
    /// gives anything back: `*.example.org` fits `one.example.org`, not `a.b.example.org` and not
    /// `example.org` (OpenSMTPD: the same).
    static boolean fits(String text, String pattern) {
        int at = 0;
        int in = 0;
        while (in < pattern.length() && at < text.length()) {
            if (pattern.charAt(in) == '*') {
                while (in < pattern.length() && pattern.charAt(in) == '*') {
                    in++;
                }
                int stop = in < pattern.length() ? text.indexOf(pattern.charAt(in), at) : -1;
                at = stop < 0 ? text.length() : stop;
            } else if (pattern.charAt(in++) != text.charAt(at++)) {
                return false;
            }
        }
        return at == text.length() && in == pattern.length();
    }
}
