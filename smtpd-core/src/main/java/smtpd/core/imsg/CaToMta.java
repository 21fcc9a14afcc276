package smtpd.core.imsg;

import smtpd.core.mail.Bytes;

/// What ca answers the mta.
public sealed interface CaToMta {
    /// The signature.
    ///
    /// @param signature the signature
    record Signed(Bytes signature) implements CaToMta {}

    /// The content is not a TLS handshake signature, or the key is unknown.
    ///
    /// @param reason why
    record SignRefused(String reason) implements CaToMta {}

    /// The wire form.
    Codec<CaToMta> CODEC =
            new Codec<>() {
                @Override
                public int type(CaToMta message) {
                    return switch (message) {
                        case Signed _ -> 1;
                        case SignRefused _ -> 2;
                    };
                }

                @Override
                public void write(CaToMta message, FrameOut out) {
                    switch (message) {
                        case Signed it -> {
                            out.bytes(it.signature());
                        }
                        case SignRefused it -> {
                            out.text(it.reason());
                        }
                    }
                }

                @Override
                public CaToMta read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new Signed(in.bytes());
                        case 2 -> new SignRefused(in.text());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
