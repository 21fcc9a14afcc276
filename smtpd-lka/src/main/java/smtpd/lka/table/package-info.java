/// Tables: what a name in smtpd.conf stands for when it is asked for a domain, a network, an alias,
/// a user. Every question has three answers: yes, no, not now.
@NullMarked
package smtpd.lka.table;

import org.jspecify.annotations.NullMarked;
