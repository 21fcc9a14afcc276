/// What the processes say to each other: one sealed interface of records per directed edge, one
/// frame format.
///
/// The interfaces of this package are the architecture: `SmtpToLka` is everything smtp may say to
/// lka, and two processes without such a pair have no link. A request is answered at most once, by
/// a frame with the request's id and the answer flag; everything else is one-way. Frames are
/// decoded strictly: bounded, consumed exactly, only the types of that edge
/// ([smtpd.core.imsg.FrameIn] throws [smtpd.core.imsg.ImsgViolation] and the link ends).
@NullMarked
package smtpd.core.imsg;

import org.jspecify.annotations.NullMarked;
