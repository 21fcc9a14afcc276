/// Tables of every backend, asked by the real daemon.
@NullMarked
package smtpd.e2e.tables;

import org.jspecify.annotations.NullMarked;
