package smtpd.smtp.protocol;

import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// What all sessions use.
///
/// @param lka rules, expansion, names
/// @param queue storage
/// @param log what administrators read
/// @param date now, as a header has it
/// @param random for ids
/// @param contents a permit for each session that receives content
/// @param guard who may do how much
/// @param filters where sessions get their filters
public record Services(
        Lka lka,
        Queue queue,
        MailLog log,
        Supplier<String> date,
        LongSupplier random,
        Semaphore contents,
        Guard guard,
        Filters.Source filters) {
    /// Without filters.
    public Services(
            Lka lka,
            Queue queue,
            MailLog log,
            Supplier<String> date,
            LongSupplier random,
            Semaphore contents,
            Guard guard) {
        this(lka, queue, log, date, random, contents, guard, Filters.Source.NONE);
    }
}
