package smtpd.control;

import smtpd.core.imsg.ControlToLka;
import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.ControlToQueue;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.ControlToSmtp;
import smtpd.core.imsg.LkaToControl;
import smtpd.core.imsg.MtaToControl;
import smtpd.core.imsg.QueueToControl;
import smtpd.core.imsg.SchedulerToControl;
import smtpd.core.imsg.SmtpToControl;
import smtpd.core.proc.LinkPeer;

/// The processes that clients' questions are passed on to.
record Peers(
        LinkPeer<ControlToSmtp, SmtpToControl> smtp,
        LinkPeer<ControlToLka, LkaToControl> lka,
        LinkPeer<ControlToQueue, QueueToControl> queue,
        LinkPeer<ControlToScheduler, SchedulerToControl> scheduler,
        LinkPeer<ControlToMta, MtaToControl> mta) {}
