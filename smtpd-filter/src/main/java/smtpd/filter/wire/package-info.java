/// The lines of filter protocol 0.7: read strictly, written exactly. Nothing here does I/O but
/// [LineReader].
@NullMarked
package smtpd.filter.wire;

import org.jspecify.annotations.NullMarked;
