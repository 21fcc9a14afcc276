package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.queue.seal.Keyring;
import smtpd.queue.seal.MasterKey;
import smtpd.queue.seal.SealException;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Whether the keys that are there open all that is in the queue.
final class KeyCheck {
    private KeyCheck() {}

    /// Throws [SpoolRefusedException], naming the keys that are missing and how many messages need
    /// them.
    static void check(RecordStore records, Keyring ring) throws SpoolRefusedException {
        Map<Long, Integer> missing = new TreeMap<>();
        for (MsgId message : records.messages()) {
            Optional<Bytes> label = records.label(message);
            if (label.isPresent() && MessageLabel.isSealed(label.get())) {
                try {
                    long id = MessageLabel.keyId(label.get());
                    if (ring.key(id).isEmpty()) {
                        missing.merge(id, 1, Integer::sum);
                    }
                } catch (SealException _) {
                    // damaged: held when it is read
                }
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder("queue key ");
        missing.forEach((id, messages) ->
                text.append(MasterKey.hex(id))
                        .append(" is missing for ")
                        .append(messages)
                        .append(messages == 1 ? " message, " : " messages, "));
        text.append(ring.isEmpty() ? "and no key is configured" : "there is " + ring);
        throw new SpoolRefusedException(text.toString());
    }
}
