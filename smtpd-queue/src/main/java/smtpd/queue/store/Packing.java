package smtpd.queue.store;

import smtpd.queue.seal.Keyring;

/// How new messages are packed.
///
/// @param compress whether their content is compressed
/// @param ring the key they are sealed with, if any, and those that older ones may need
public record Packing(boolean compress, Keyring ring) {
    /// As they come.
    public static final Packing NONE = new Packing(false, Keyring.EMPTY);

    /// Whether new messages are stored as they come.
    boolean isNone() {
        return !compress && ring.current().isEmpty();
    }
}
