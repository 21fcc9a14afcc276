/// The ruleset: which `match` of smtpd.conf an envelope falls under. Pure, given the tables.
@NullMarked
package smtpd.lka.rules;

import org.jspecify.annotations.NullMarked;
