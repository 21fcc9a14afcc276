package smtpd.lka.rules;

import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;

/// What the ruleset looks at: a session's facts, a sender and one recipient.
///
/// @param origin the session
/// @param sender the reverse-path
/// @param dest the recipient, after expansion
/// @param internal made by an expansion or by ourselves: its source is this machine, whatever the
///   session's was
public record Subject(Envelope.Origin origin, MailAddr sender, MailAddr dest, boolean internal) {}
