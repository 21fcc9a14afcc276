package smtpd.core.conf;

import java.util.Locale;

/// How the content of messages is compressed in the queue (`queue compression`).
public enum Compression {
    /// Not at all.
    NONE,

    /// RFC 1952, as OpenSMTPD does.
    GZIP,

    /// RFC 8878.
    ZSTD;

    /// As it is written in smtpd.conf.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
