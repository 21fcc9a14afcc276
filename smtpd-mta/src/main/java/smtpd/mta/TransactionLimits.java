package smtpd.mta;

import smtpd.core.mail.Envelope;

import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a server lets one session and one transaction hold (RFC 9422 §4).
///
/// @param mails transactions of a session, MAILMAX
/// @param rcpts recipients of a transaction, RCPTMAX
/// @param domains domains of the recipients of a transaction, RCPTDOMAINMAX
record TransactionLimits(int mails, int rcpts, int domains) {
    /// No limit was told.
    static final TransactionLimits NONE =
            new TransactionLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);

    /// Reads the words behind `LIMITS`; what is not known, 0 or no number is no limit.
    static TransactionLimits of(List<String> words) {
        int mails = Integer.MAX_VALUE;
        int rcpts = Integer.MAX_VALUE;
        int domains = Integer.MAX_VALUE;
        for (String word : words) {
            int equals = word.indexOf('=');
            int limit = equals < 0 ? Integer.MAX_VALUE : number(word.substring(equals + 1));
            String name = equals < 0 ? word : word.substring(0, equals);
            switch (name.toUpperCase(Locale.ROOT)) {
                case "MAILMAX" -> mails = limit;
                case "RCPTMAX" -> rcpts = limit;
                case "RCPTDOMAINMAX" -> domains = limit;
                default -> {}
            }
        }
        return new TransactionLimits(mails, rcpts, domains);
    }

    private static int number(String text) {
        long number = Offers.number(text);
        return number == 0 ? Integer.MAX_VALUE : (int) Math.min(number, Integer.MAX_VALUE);
    }

    /// Takes the recipients of the next transaction off those that wait.
    List<Envelope> portion(Deque<Envelope> waiting) {
        List<Envelope> portion = new ArrayList<>();
        Set<String> here = new LinkedHashSet<>();
        while (!waiting.isEmpty() && portion.size() < rcpts) {
            String domain = waiting.element().dest().domainKey();
            if (!here.contains(domain) && here.size() >= domains) {
                break;
            }
            here.add(domain);
            portion.add(waiting.remove());
        }
        return portion;
    }
}
