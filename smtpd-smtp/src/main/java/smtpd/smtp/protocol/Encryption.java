package smtpd.smtp.protocol;

import smtpd.smtp.sasl.ChannelBindings;

/// How a session's connection is encrypted.
///
/// @param summary `TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO`, version, suite, bits, and whether the
///   client's certificate was verified; empty for not at all
/// @param bindings what binds an authentication to the connection
public record Encryption(String summary, ChannelBindings bindings) {
    /// In clear.
    public static final Encryption NONE = new Encryption("", ChannelBindings.NONE);

    /// `TLSv1.3:TLS_AES_256_GCM_SHA384:256`, as filters are told.
    public String link() {
        String[] parts = summary.split(":", 4);
        return parts.length < 4 ? summary : parts[0] + ":" + parts[1] + ":" + parts[2];
    }

    /// Whether it is.
    public boolean isOn() {
        return !summary.isEmpty();
    }
}
