package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.queue.seal.Keyring;
import smtpd.queue.seal.MasterKey;
import smtpd.queue.seal.SealException;

import java.util.Map;
import java.util.TreeMap;

/// Whether the keys that are there open all that is in the queue.
final class KeyCheck {
    private KeyCheck() {}

    /// How many messages need each key, of a store that does not count them.
    static Map<Long, Long> keys(RecordStore records) {
        Map<Long, Long> keys = new TreeMap<>();
        records.messages()
                .forEachRemaining(
                        message -> records.label(message).ifPresent(label -> count(label, keys)));
        return keys;
    }

    private static void count(Bytes label, Map<Long, Long> keys) {
        if (!MessageLabel.isSealed(label)) {
            return;
        }
        try {
            keys.merge(MessageLabel.keyId(label), 1L, Long::sum);
        } catch (SealException _) {
            // damaged: held when it is read
        }
    }

    /// Throws [SpoolRefusedException], naming the keys that are missing and how many messages need
    /// them.
    static void check(RecordStore records, Keyring ring) throws SpoolRefusedException {
        Map<Long, Long> missing = new TreeMap<>(records.keys());
        missing.keySet().removeIf(id -> ring.key(id).isPresent());
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
