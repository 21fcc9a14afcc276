package smtpd.mda;

import smtpd.core.conf.Dispatcher;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MsgId;

import java.util.List;

/// Envelopes of one message for one user that are delivered in one attempt.
///
/// @param msgid the message
/// @param dispatcher the action
/// @param envelopes the envelopes
/// @param life in which life of the queue process they were handed out
record MdaTask(MsgId msgid, Dispatcher.Local dispatcher, List<Envelope> envelopes, long life) {
    MdaTask {
        envelopes = List.copyOf(envelopes);
    }

    int size() {
        return envelopes.size();
    }
}
