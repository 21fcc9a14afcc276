/// The lookup process.
///
/// # Purpose
///
/// Says who a client is, whether a recipient is accepted and what becomes of it, and looks names up
/// in tables and DNS for every other process; asks filters about sessions.
///
/// # Runs as
///
/// `_smtpd`; reads table files, speaks DNS and with table and filter programs it was handed,
/// nothing else.
///
/// # Peers
///
/// Smtp, mta, mda, queue, control, and the parent for system users, `.forward`, table and filter
/// programs.
///
/// # Trusts
///
/// The configuration; no answer of DNS or of a table program beyond its syntax; no address of a
/// client.
///
/// # Standards
///
/// RFC 5321 §5.1, RFC 7505, RFC 1035, RFC 3596, RFC 4291, RFC 5952.
///
/// # Diagnostics
///
/// Tables that cannot be opened at start or fail later, table programs that end, DNS that does not
/// answer, unusable `.forward` files; traces `lookup`, `expand`, `rules`.
///
/// # Configuration
///
/// `table`, `match`, `action` (alias, virtual, userbase, user), `smtp sub-addr-delim`, `queue ttl`,
/// `filter`, `admd`.
///
/// # Start reading at
///
/// [smtpd.lka.LookupDesk], [smtpd.lka.rules.Ruleset], [smtpd.lka.expand.Expander],
/// [smtpd.lka.filter.FilterHub].
@NullMarked
package smtpd.lka;

import org.jspecify.annotations.NullMarked;
