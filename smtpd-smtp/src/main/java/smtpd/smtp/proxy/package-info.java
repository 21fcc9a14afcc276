/// The PROXY protocol: who the client of a proxy is, told in front of everything else.
@NullMarked
package smtpd.smtp.proxy;

import org.jspecify.annotations.NullMarked;
