package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.Compression;
import smtpd.core.mail.Bytes;

/// Undoes what a [Press] did, as it comes; for one thread at a time.
///
/// What it gives out at once is bounded, however much the content may grow.
interface Decompressor extends AutoCloseable {
    /// The one for content that is not [Compression#NONE].
    static Decompressor of(Compression compression) {
        return switch (compression) {
            case NONE -> throw new IllegalArgumentException("nothing to decompress");
            case GZIP -> new Gunzip();
            case ZSTD -> new Unzstd();
        };
    }

    /// Takes compressed bytes, once [#next] has nothing more; throws [CorruptException] when they
    /// are none.
    void put(Bytes bytes) throws CorruptException;

    /// The next decompressed bytes; null when more compressed ones are needed first.
    byte @Nullable [] next() throws CorruptException;

    /// Whether the end was seen, and nothing behind it.
    boolean ended();

    @Override
    void close();
}
