/// The keeper of the private keys.
///
/// # Purpose
///
/// Signs TLS handshakes for smtp and mta, which have the certificates and never the keys.
///
/// # Runs as
///
/// `_smtpd`, with no file and no network access at all.
///
/// # Peers
///
/// smtp, mta, control.
///
/// # Trusts
///
/// Nobody: it signs nothing but the content of a TLS handshake ([smtpd.ca.TlsContent]), so that a
/// peer that was taken over can impersonate the server while it is connected and cannot sign
/// anything to take away.
///
/// # Standards
///
/// RFC 8446 §4.4.3, RFC 5246 §7.4.3 and §7.4.8, RFC 8422 §5.4.
///
/// # Diagnostics
///
/// `warn: ca: refused to sign …` with the reason.
///
/// # Configuration
///
/// `pki NAME key FILE`; the parent reads the file.
///
/// # Start reading at
///
/// [smtpd.ca.CaAgent].
@NullMarked
package smtpd.ca;

import org.jspecify.annotations.NullMarked;
