/// Queues of millions of envelopes: a spool is filled, and the daemon started on it.
@NullMarked
package smtpd.e2e.bulk;

import org.jspecify.annotations.NullMarked;
