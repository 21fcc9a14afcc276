/// Tables that are programs: the line protocol 0.1 (OpenSMTPD: smtpd-tables(7)), many questions
/// under way at a time.
@NullMarked
package smtpd.lka.table.proc;

import org.jspecify.annotations.NullMarked;
