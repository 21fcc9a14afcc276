package smtpd.mta;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Delay;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.SessionId;
import smtpd.core.smtp.Printable;
import smtpd.core.tls.Identity;
import smtpd.core.tls.TlsFacts;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Everything the mta says in the log, one method for each event. Formats are OpenSMTPD's, which
/// tools parse; text of others is made printable and bounded.
public final class MailLog {
    private static final Logger LOG = LoggerFactory.getLogger(MailLog.class);

    /// Longest text of a server in one line.
    private static final int TEXT_MAX = 512;

    /// Longest address in one line.
    private static final int ADDRESS_MAX = 320;

    /// A connection is being opened.
    public void connecting(SessionId id, RouteKey route, String ptr) {
        LOG.info(
                "{} mta connecting address={}://{} host={}",
                id,
                route.scheme().word(),
                route.place(),
                ptr);
    }

    /// It is open.
    public void connected(SessionId id) {
        LOG.info("{} mta connected", id);
    }

    /// One envelope's attempt is over.
    ///
    /// @param way who asked whom
    /// @param now when
    public void delivery(
            Way way, Envelope envelope, MailAddr sender, DeliveryResult result, Instant now) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        boolean same = envelope.rcpt().equals(envelope.dest());
        LOG.info(
                "{} mta delivery evpid={} from=<{}> to=<{}> rcpt=<{}> source=\"{}\" relay=\"{}\""
                        + " delay={} result=\"{}\" stat=\"{}\"{}",
                way.id(),
                envelope.id(),
                address(sender),
                address(envelope.dest()),
                same ? "-" : address(envelope.rcpt()),
                way.source(),
                way.relay(),
                Delay.text(Duration.between(envelope.created(), now)),
                result.outcome().logWord(),
                text(result.text()),
                way.tls().isEmpty() ? "" : " tls=" + way.tls());
    }

    /// Which session, from where, to where.
    ///
    /// @param id the session, or [SessionId#NONE]
    /// @param source the local address, or `-`
    /// @param relay `address (name)`, or the destination where no host was asked
    /// @param tls how the session is protected; empty where there is none
    public record Way(SessionId id, String source, String relay, String tls) {
        /// Before it is known how the session is protected.
        public Way(SessionId id, String source, String relay) {
            this(id, source, relay, "");
        }

        Way with(String protection) {
            return new Way(id, source, relay, protection);
        }
    }

    /// A handshake is done.
    void encrypted(SessionId id, TlsFacts facts) {
        LOG.info("{} mta tls ciphers={}", id, facts);
    }

    /// The server's certificate.
    ///
    /// @param problem why the server is not known to be the right one; empty where it is
    void certificate(SessionId id, List<X509Certificate> chain, String problem) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        String fingerprint = chain.isEmpty() ? "-" : Identity.fingerprint(chain.getFirst());
        if (problem.isEmpty()) {
            LOG.info("{} mta cert-check result=\"valid\" fingerprint=\"{}\"", id, fingerprint);
        } else {
            LOG.info(
                    "{} mta cert-check result=\"unverified\" fingerprint=\"{}\" reason=\"{}\"",
                    id,
                    fingerprint,
                    text(problem));
        }
    }

    /// A session is given up before it began.
    void closing(SessionId id, String reason) {
        LOG.info("{} mta closing reason={}", id, reason);
    }

    /// Something came in clear between the reply to STARTTLS and the handshake.
    void injection(SessionId id) {
        LOG.warn("warn: {} mta starttls-injection", id);
    }

    /// A policy could not be had (RFC 8461 §3.3).
    void stsFailed(String domain, String reason) {
        LOG.info("smtp-out: MTA-STS policy of {}: {}", text(domain), text(reason));
    }

    /// A policy that is being tested would have kept mail from a host (RFC 8461 §5).
    void stsWouldRefuse(String domain, String host) {
        LOG.info(
                "smtp-out: MTA-STS policy of {} (testing) does not allow host {}",
                text(domain),
                text(host));
    }

    /// A session went wrong.
    public void error(SessionId id, String reason) {
        LOG.info("{} mta error reason={}", id, text(reason));
    }

    /// The server refuses one recipient after the other.
    public void rejectsAll(SessionId id) {
        LOG.info("{} mta host-rejects-all-mails", id);
    }

    /// A session has ended in good order.
    public void disconnected(SessionId id, int messages) {
        LOG.info("{} mta disconnected reason=quit messages={}", id, messages);
    }

    /// A route is left alone for a while.
    public void disabling(Object route, Duration time) {
        LOG.info("smtp-out: Disabling route {} for {}", route, Delay.text(time));
    }

    /// A route may be used again.
    public void enabling(Object route) {
        LOG.info("smtp-out: Enabling route {}", route);
    }

    /// A destination failed as a whole.
    public void relayError(Object relay, String reason) {
        LOG.info("smtp-out: Error on {}: {}", relay, text(reason));
    }

    /// A relay has enough for now.
    public void hiwat(Object relay) {
        LOG.info("smtp-out: hiwat reached on {}: holding envelopes", relay);
    }

    /// A relay has room again.
    public void lowat(Object relay) {
        LOG.info("smtp-out: back to lowat on {}: releasing", relay);
    }

    /// lka has not answered, for so long.
    public void lookupsWait(int relays) {
        LOG.warn("warn: lookups of {} destinations wait for lka", relays);
    }

    private static String address(MailAddr address) {
        return Printable.escape(address.toString(), ADDRESS_MAX);
    }

    private static String text(String text) {
        String plain = Printable.line(text).replace('"', '\'');
        return plain.length() > TEXT_MAX ? plain.substring(0, TEXT_MAX) : plain;
    }
}
