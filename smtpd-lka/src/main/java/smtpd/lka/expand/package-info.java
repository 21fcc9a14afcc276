/// Expansion: from a recipient, over aliases, virtual tables, include files and `.forward`, to
/// deliveries. Pure, given the tables and the two ports that open files.
@NullMarked
package smtpd.lka.expand;

import org.jspecify.annotations.NullMarked;
