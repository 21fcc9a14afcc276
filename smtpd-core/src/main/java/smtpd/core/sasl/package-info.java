/// SASL as servers keep it: how a password is prepared, and how the keys of SCRAM are stored.
@NullMarked
package smtpd.core.sasl;

import org.jspecify.annotations.NullMarked;
