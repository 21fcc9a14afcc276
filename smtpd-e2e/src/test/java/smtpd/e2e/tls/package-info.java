/// TLS of the daemon as its own processes: certificates that change, names, certificates shown to
/// other servers.
@NullMarked
package smtpd.e2e.tls;

import org.jspecify.annotations.NullMarked;
