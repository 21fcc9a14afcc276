package smtpd.mta;

import smtpd.core.imsg.CaToMta;
import smtpd.core.imsg.MtaToCa;
import smtpd.core.mail.Bytes;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.PeerLost;
import smtpd.core.tls.Signer;

import java.security.SignatureException;
import java.time.Duration;

/// Has ca sign what a client certificate needs.
final class CaSigner {
    /// A signature takes milliseconds; a restart of ca a second.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private CaSigner() {}

    static Signer of(LinkPeer<MtaToCa, CaToMta> ca) {
        return (key, scheme, content) -> {
            try {
                CaToMta answer =
                        ca.call(new MtaToCa.Sign(key, scheme.word(), Bytes.of(content)), PATIENCE);
                return switch (answer) {
                    case CaToMta.Signed signed -> signed.signature().toByteArray();
                    case CaToMta.SignRefused refused ->
                            throw new SignatureException(refused.reason());
                };
            } catch (PeerLost e) {
                throw new SignatureException("ca does not answer", e);
            }
        };
    }
}
