/// The dialogues of the testkit, played against the real daemon over TCP.
@NullMarked
package smtpd.e2e.dialogue;

import org.jspecify.annotations.NullMarked;
