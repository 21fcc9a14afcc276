/// Tests of the mta.
@NullMarked
package smtpd.mta;

import org.jspecify.annotations.NullMarked;
