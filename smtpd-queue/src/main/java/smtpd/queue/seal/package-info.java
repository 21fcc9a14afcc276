/// Sealing: bytes that leave the process readable by nobody without the key, and changed by nobody
/// unnoticed. It knows keys and bytes, not stores; the format is `doc/adr/0030-sealed-queue.md`.
@NullMarked
package smtpd.queue.seal;

import org.jspecify.annotations.NullMarked;
