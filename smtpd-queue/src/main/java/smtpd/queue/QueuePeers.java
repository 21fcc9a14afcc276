package smtpd.queue;

import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.MdaToQueue;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.QueueToMda;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.imsg.QueueToScheduler;
import smtpd.core.imsg.QueueToSmtp;
import smtpd.core.imsg.SchedulerToQueue;
import smtpd.core.imsg.SmtpToQueue;
import smtpd.core.proc.Peer;

/// Everyone the queue's agent speaks with; control is answered without it.
///
/// @param smtp brings messages
/// @param lka brings their envelopes
/// @param scheduler says when
/// @param mta delivers to other servers
/// @param mda delivers on this machine
public record QueuePeers(
        Peer<QueueToSmtp, SmtpToQueue> smtp,
        Peer<QueueToLka, LkaToQueue> lka,
        Peer<QueueToScheduler, SchedulerToQueue> scheduler,
        Peer<QueueToMta, MtaToQueue> mta,
        Peer<QueueToMda, MdaToQueue> mda) {}
