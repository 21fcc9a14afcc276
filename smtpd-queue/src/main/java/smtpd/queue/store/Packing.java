package smtpd.queue.store;

import smtpd.core.conf.Compression;
import smtpd.queue.seal.Keyring;

import java.io.IOException;

/// How new messages are packed.
///
/// @param compression how their content is compressed
/// @param ring the key they are sealed with, if any, and those that older ones may need
public record Packing(Compression compression, Keyring ring) {
    /// As they come.
    public static final Packing NONE = new Packing(Compression.NONE, Keyring.EMPTY);

    /// Loads what it takes; throws [IOException] with a text for the operator when that cannot be.
    public void load() throws IOException {
        if (compression == Compression.ZSTD) {
            Zstd.load();
        }
    }

    /// Whether new messages are stored as they come.
    boolean isNone() {
        return compression == Compression.NONE && ring.current().isEmpty();
    }
}
