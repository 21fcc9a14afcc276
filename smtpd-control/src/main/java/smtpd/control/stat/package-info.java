/// The statistics of the daemon: how they stand, their history, and where they go.
///
/// [smtpd.control.stat.StatStore] holds how everything stands; each second a
/// [smtpd.control.stat.Reading] of it is handed to every [smtpd.control.stat.Backend], on a thread
/// of their own, so that no slow disk or receiver delays anybody.
@NullMarked
package smtpd.control.stat;

import org.jspecify.annotations.NullMarked;
