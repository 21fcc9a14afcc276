package smtpd.lka;

import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.proc.PeerLost;

/// Where envelopes of an uncommitted message go: the queue. Blocks until it has answered.
@FunctionalInterface
interface EnvelopeSink {
    /// Hands envelopes over.
    ///
    /// @throws PeerLost when the queue is down or does not answer: it may have them or not
    QueueToLka add(LkaToQueue.AddEnvelopes request) throws PeerLost;
}
