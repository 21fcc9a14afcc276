/// The configuration language, smtpd.conf(5): its values, lexer, parser, printer and checks.
///
/// Pure: everything outside the text of the configuration (included files, certificates,
/// interfaces, service names) is asked of a `ConfEnvironment`. The values are small records that
/// refer to each other by name, so that each process can be given its slice and nothing more. An
/// empty text means "not set" wherever a name is optional; a zero duration means "not set" for a
/// ttl.
@NullMarked
package smtpd.core.conf;

import org.jspecify.annotations.NullMarked;
