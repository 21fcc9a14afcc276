package smtpd.smtp;

import smtpd.core.imsg.CaToSmtp;
import smtpd.core.imsg.SmtpToCa;
import smtpd.core.mail.Bytes;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.PeerLost;
import smtpd.core.tls.SignScheme;
import smtpd.core.tls.Signer;
import smtpd.smtp.protocol.Limits;

import java.security.SignatureException;

/// ca behind its link.
final class LinkedSigner implements Signer {
    private final LinkPeer<SmtpToCa, CaToSmtp> ca;

    LinkedSigner(LinkPeer<SmtpToCa, CaToSmtp> ca) {
        this.ca = ca;
    }

    @Override
    public byte[] sign(String key, SignScheme scheme, byte[] content) throws SignatureException {
        SmtpToCa.Sign request = new SmtpToCa.Sign(key, scheme.word(), Bytes.of(content));
        try {
            return switch (ca.call(request, Limits.SIGN_PATIENCE)) {
                case CaToSmtp.Signed it -> it.signature().toByteArray();
                case CaToSmtp.SignRefused it -> throw new SignatureException(it.reason());
            };
        } catch (PeerLost e) {
            throw new SignatureException("no signature now", e);
        }
    }
}
