/// What is done to a stopped queue: `smtpctl queue copy` and `smtpctl queue import`.
@NullMarked
package smtpd.queue.tool;

import org.jspecify.annotations.NullMarked;
