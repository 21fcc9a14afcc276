/// The filter hub: programs that speak the filter protocol 0.7 (OpenSMTPD: smtpd-filters(7)), tests
/// of the configuration, chains of both, the messages they edit, and DNS for them. Everything that
/// decides runs in the agent's one thread; programs have threads of their own that only read and
/// write.
@NullMarked
package smtpd.lka.filter;

import org.jspecify.annotations.NullMarked;
