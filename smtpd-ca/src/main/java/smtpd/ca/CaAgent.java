package smtpd.ca;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.CaToMta;
import smtpd.core.imsg.CaToSmtp;
import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ControlToCa;
import smtpd.core.imsg.MtaToCa;
import smtpd.core.imsg.SmtpToCa;
import smtpd.core.imsg.Trace;
import smtpd.core.imsg.Verbose;
import smtpd.core.log.Logging;
import smtpd.core.log.Traces;
import smtpd.core.mail.Bytes;
import smtpd.core.proc.Peer;
import smtpd.core.stat.Statistics;
import smtpd.core.tls.SignScheme;

import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Answers requests to sign: yes, if the key exists and the content is a TLS handshake's; no
/// otherwise.
final class CaAgent {
    private static final Logger LOG = LoggerFactory.getLogger(CaAgent.class);

    /// The longest content that a handshake signs: a TLS 1.2 client's transcript with its
    /// certificates.
    private static final int CONTENT_MAX = 128 * 1024;

    private Keys keys;
    private final Statistics statistics;

    CaAgent(Keys keys, Statistics statistics) {
        this.keys = keys;
        this.statistics = statistics;
    }

    /// smtp speaks as a TLS server.
    void onSmtp(Peer<CaToSmtp, SmtpToCa> smtp, long request, SmtpToCa message) {
        switch (message) {
            case SmtpToCa.Sign it ->
                    smtp.answer(
                            request,
                            switch (sign(
                                    it.key(),
                                    it.scheme(),
                                    it.content(),
                                    TlsContent::isServerSignature)) {
                                case Verdict.Signed(Bytes signature) ->
                                        new CaToSmtp.Signed(signature);
                                case Verdict.Refused(String why) -> new CaToSmtp.SignRefused(why);
                            });
        }
    }

    /// mta speaks as a TLS client.
    void onMta(Peer<CaToMta, MtaToCa> mta, long request, MtaToCa message) {
        switch (message) {
            case MtaToCa.Sign it ->
                    mta.answer(
                            request,
                            switch (sign(
                                    it.key(),
                                    it.scheme(),
                                    it.content(),
                                    TlsContent::isClientSignature)) {
                                case Verdict.Signed(Bytes signature) ->
                                        new CaToMta.Signed(signature);
                                case Verdict.Refused(String why) -> new CaToMta.SignRefused(why);
                            });
        }
    }

    /// From now on these are the keys; those of before if they cannot be used.
    ///
    /// @param pems PEM text by name
    ChildToParent.Renewed onKeys(Map<String, String> pems) {
        try {
            keys = Keys.of(pems);
            return new ChildToParent.Renewed(List.of());
        } catch (GeneralSecurityException e) {
            return new ChildToParent.Renewed(List.of("ca: " + e.getMessage()));
        }
    }

    void onControl(ControlToCa message) {
        switch (message) {
            case Verbose it -> Logging.verbose(it.on());
            case Trace it -> Traces.set(it.subsystem(), it.on());
        }
    }

    private sealed interface Verdict {
        record Signed(Bytes signature) implements Verdict {}

        record Refused(String why) implements Verdict {}
    }

    private Verdict sign(String key, String word, Bytes content, Predicate<byte[]> isHandshake) {
        Optional<SignScheme> scheme = SignScheme.of(word);
        byte[] bytes = content.toByteArray();
        if (scheme.isEmpty()) {
            return refused("unknown algorithm");
        }
        if (bytes.length > CONTENT_MAX || !isHandshake.test(bytes)) {
            return refused("not a TLS handshake");
        }
        try {
            Verdict signed = new Verdict.Signed(Bytes.of(keys.sign(key, scheme.get(), bytes)));
            statistics.increment("ca.signature");
            return signed;
        } catch (SignatureException e) {
            return refused(String.valueOf(e.getMessage()));
        }
    }

    private Verdict refused(String why) {
        LOG.warn("warn: ca: refused to sign: {}", why);
        statistics.increment("ca.refused");
        return new Verdict.Refused(why);
    }
}
