/// Fuzz targets: parsers that read what others wrote, each with what must hold whatever comes.
/// `etc/fuzz` runs one of them under Jazzer; [smtpd.e2e.fuzz.FuzzReplayTest] feeds them everything
/// that was ever worth keeping, in `src/test/resources/fuzz`.
@NullMarked
package smtpd.e2e.fuzz;

import org.jspecify.annotations.NullMarked;
