package smtpd.core.imsg;

import smtpd.core.mail.Bytes;

/// What smtp asks ca.
public sealed interface SmtpToCa {
    /// Asks for a signature over TLS handshake content.
    ///
    /// @param key the name of the key ([smtpd.core.tls.Identity#keyId])
    /// @param scheme how to sign, a word of [smtpd.core.tls.SignScheme]
    /// @param content what is to be signed, not a digest of it
    record Sign(String key, String scheme, Bytes content) implements SmtpToCa {}

    /// The wire form.
    Codec<SmtpToCa> CODEC =
            new Codec<>() {
                @Override
                public int type(SmtpToCa message) {
                    return switch (message) {
                        case Sign _ -> 1;
                    };
                }

                @Override
                public void write(SmtpToCa message, FrameOut out) {
                    switch (message) {
                        case Sign it -> {
                            out.text(it.key());
                            out.text(it.scheme());
                            out.bytes(it.content());
                        }
                    }
                }

                @Override
                public SmtpToCa read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new Sign(in.text(), in.text(), in.bytes());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
