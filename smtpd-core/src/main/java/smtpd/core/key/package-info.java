/// The keys of the queue, read from where the configuration says they are: by the parent at start,
/// and by who works on a stopped queue.
@NullMarked
package smtpd.core.key;

import org.jspecify.annotations.NullMarked;
