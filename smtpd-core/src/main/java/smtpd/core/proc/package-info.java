/// How a process runs: its control link, its peers, its mailbox, its timers and its sandbox policy.
@NullMarked
package smtpd.core.proc;

import org.jspecify.annotations.NullMarked;
