/// The file operations of the spool as a port: few enough to be simulated with every way a disk can
/// fail, exact enough that durability can be reasoned about call by call.
@NullMarked
package smtpd.core.fs;

import org.jspecify.annotations.NullMarked;
