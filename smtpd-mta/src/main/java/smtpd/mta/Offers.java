package smtpd.mta;

import smtpd.core.smtp.Reply;

import java.util.List;
import java.util.Locale;

/// What a server offered in its answer to EHLO or LHLO (RFC 5321 §4.1.1.1).
///
/// @param extensions which of those we know
/// @param sizeMax largest message in bytes; 0 for no limit told (RFC 1870 §4)
/// @param limits what a session and a transaction may hold (RFC 9422)
record Offers(java.util.Set<Extension> extensions, long sizeMax, TransactionLimits limits) {
    /// After HELO.
    static final Offers NONE = new Offers(java.util.Set.of(), 0, TransactionLimits.NONE);

    /// Extensions we make use of.
    enum Extension {
        /// RFC 2920.
        PIPELINING,
        /// RFC 6152.
        EIGHT_BIT_MIME,
        /// RFC 1870.
        SIZE,
        /// RFC 3461.
        DSN,
        /// RFC 3030.
        CHUNKING,
        /// RFC 6531.
        SMTPUTF8,
        /// RFC 3207.
        STARTTLS
    }

    static Offers of(Reply hello) {
        java.util.EnumSet<Extension> found = java.util.EnumSet.noneOf(Extension.class);
        long sizeMax = 0;
        TransactionLimits limits = TransactionLimits.NONE;
        List<String> lines = hello.lines();
        for (String line : lines.subList(1, lines.size())) {
            String[] words = line.strip().split(" +", -1);
            switch (words[0].toUpperCase(Locale.ROOT)) {
                case "PIPELINING" -> found.add(Extension.PIPELINING);
                case "8BITMIME" -> found.add(Extension.EIGHT_BIT_MIME);
                case "STARTTLS" -> found.add(Extension.STARTTLS);
                case "DSN" -> found.add(Extension.DSN);
                case "CHUNKING" -> found.add(Extension.CHUNKING);
                case "SMTPUTF8" -> found.add(Extension.SMTPUTF8);
                case "LIMITS" ->
                        limits = TransactionLimits.of(List.of(words).subList(1, words.length));
                case "SIZE" -> {
                    found.add(Extension.SIZE);
                    sizeMax = words.length > 1 ? number(words[1]) : 0;
                }
                default -> {}
            }
        }
        return new Offers(found, sizeMax, limits);
    }

    /// Up to 18 digits; anything else is no limit.
    static long number(String text) {
        boolean digits =
                !text.isEmpty()
                        && text.length() <= 18
                        && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Long.parseLong(text) : 0;
    }

    boolean has(Extension extension) {
        return extensions.contains(extension);
    }

    boolean tooSmallFor(long size) {
        return sizeMax > 0 && size > sizeMax;
    }
}
