/// TLS for servers and clients, over the runtime's own implementation (JSSE).
///
/// Nothing in here opens a file or a socket, and no private key is ever in the memory of whoever
/// uses it: chains come with the configuration, signatures from a [smtpd.core.tls.Signer], bytes go
/// through a [smtpd.core.tls.Carrier].
///
/// Start reading at [smtpd.core.tls.ServerTls] and [smtpd.core.tls.ClientTls]; both give a
/// [smtpd.core.tls.TlsConnection].
///
/// Standards: RFC 8446 and RFC 5246 as far as we choose among what the runtime offers, RFC 9325 for
/// that choice, RFC 6066 §3 (server names), RFC 9266 (channel binding).
@NullMarked
package smtpd.core.tls;

import org.jspecify.annotations.NullMarked;
