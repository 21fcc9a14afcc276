/// Files of tables: the text that people write, and the file that makemap(8) makes of it. What a
/// table is asked, and how entries are compared, is lka's business.
@NullMarked
package smtpd.core.table;

import org.jspecify.annotations.NullMarked;
