package smtpd.smtp.protocol;

import smtpd.smtp.guard.Memory;

import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// What all sessions use.
///
/// @param lka rules, expansion, names
/// @param queue storage
/// @param log what administrators read
/// @param date now, as a header has it
/// @param random for ids
/// @param memory what sessions may use of it
/// @param guard who may do how much
/// @param filters where sessions get their filters
public record Services(
        Lka lka,
        Queue queue,
        MailLog log,
        Supplier<String> date,
        LongSupplier random,
        Memory memory,
        Guard guard,
        Filters.Source filters) {
    /// Without filters.
    public Services(
            Lka lka,
            Queue queue,
            MailLog log,
            Supplier<String> date,
            LongSupplier random,
            Memory memory,
            Guard guard) {
        this(lka, queue, log, date, random, memory, guard, Filters.Source.NONE);
    }
}
