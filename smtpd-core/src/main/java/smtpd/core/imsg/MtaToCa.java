package smtpd.core.imsg;

import smtpd.core.mail.Bytes;

/// What the mta asks ca.
public sealed interface MtaToCa {
    /// Asks for a signature over TLS handshake content.
    ///
    /// @param key the name of the key ([smtpd.core.tls.Identity#keyId])
    /// @param scheme how to sign, a word of [smtpd.core.tls.SignScheme]
    /// @param content what is to be signed, not a digest of it
    record Sign(String key, String scheme, Bytes content) implements MtaToCa {}

    /// The wire form.
    Codec<MtaToCa> CODEC =
            new Codec<>() {
                @Override
                public int type(MtaToCa message) {
                    return switch (message) {
                        case Sign _ -> 1;
                    };
                }

                @Override
                public void write(MtaToCa message, FrameOut out) {
                    switch (message) {
                        case Sign it -> {
                            out.text(it.key());
                            out.text(it.scheme());
                            out.bytes(it.content());
                        }
                    }
                }

                @Override
                public MtaToCa read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new Sign(in.text(), in.text(), in.bytes());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
