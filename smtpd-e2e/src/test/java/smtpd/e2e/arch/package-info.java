/// Tests of the sources themselves: who may use what, sizes, signs, form, and what is written about
/// them.
@NullMarked
package smtpd.e2e.arch;

import org.jspecify.annotations.NullMarked;
