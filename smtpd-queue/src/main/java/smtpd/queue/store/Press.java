package smtpd.queue.store;

import smtpd.core.conf.Compression;

/// Compresses content as it comes; for one thread at a time.
interface Press {
    /// What compresses in a way that is not [Compression#NONE].
    static Press of(Compression compression, Sink sink) {
        return switch (compression) {
            case NONE -> throw new IllegalArgumentException("nothing to compress with");
            case GZIP -> new Gzip(sink);
            case ZSTD -> new Zstd(sink);
        };
    }

    /// Where compressed bytes go.
    interface Sink {
        void put(byte[] bytes, int offset, int length);
    }

    /// Takes content.
    void put(byte[] bytes, int offset, int length);

    /// The content is complete; nothing is asked afterwards.
    void end();

    /// The message is given up; nothing is asked afterwards.
    void release();
}
