/// Slices of the configuration: what each process may know, as records with their wire form.
///
/// The parent cuts them out of the whole [smtpd.core.conf.Config] and hands each process its own
/// over the control link; a private key is in ca's slice and in no other.
@NullMarked
package smtpd.core.slice;

import org.jspecify.annotations.NullMarked;
