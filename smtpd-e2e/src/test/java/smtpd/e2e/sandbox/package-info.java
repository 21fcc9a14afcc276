/// The sandbox: what the running processes hold, and what a program inside the policy of each can
/// still do.
@NullMarked
package smtpd.e2e.sandbox;

import org.jspecify.annotations.NullMarked;
