package smtpd.mda;

import smtpd.core.conf.Dispatcher;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;

import java.util.List;

/// One attempt: one message to one user, by one action.
///
/// @param msgid the message
/// @param user whose rights are taken on
/// @param dispatcher the action
/// @param envelopes the recipients; more than one only where one transaction serves several
public record Delivery(
        MsgId msgid, UserRecord user, Dispatcher.Local dispatcher, List<Envelope> envelopes) {
    public Delivery {
        envelopes = List.copyOf(envelopes);
    }
}
