package smtpd.lka.dns;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.conf.PeerSecurity;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;

/// DNSSEC where the name servers make it possible: asks with the check when they pass on what it
/// needs, else without, and says so once.
///
/// A name server that does not know DNSSEC makes every answer fail the check; unless the
/// configuration insists, mail goes on without DANE then. Once the check has worked it is never
/// given up again before the next start, so that nobody on the way to the name server can talk us
/// out of it.
public final class OptionalDnssec implements SignedDns {
    private static final Logger LOG = LoggerFactory.getLogger(OptionalDnssec.class);

    /// When it did not work, it is tried again after this.
    static final Duration RETRY = Duration.ofMinutes(5);

    private final ValidatingDns validating;
    private final SignedDns plain;
    private final InstantSource clock;
    private CompletableFuture<Boolean> works;
    private Instant tried;

    private OptionalDnssec(ValidatingDns validating, SignedDns plain, InstantSource clock) {
        this.validating = validating;
        this.plain = plain;
        this.clock = clock;
        tried = clock.instant();
        works = probe();
    }

    /// What a configuration asks for.
    ///
    /// @param settings whom to ask
    /// @param peers whether and how
    /// @param anchors DS or DNSKEY records; empty for those of the root
    /// @param plain asked where there is no DNSSEC
    public static SignedDns of(
            DnsSettings settings,
            PeerSecurity peers,
            String anchors,
            Dns plain,
            InstantSource clock) {
        if (peers.dane() == PeerSecurity.Dane.OFF) {
            return SignedDns.unsigned(plain);
        }
        try {
            ValidatingDns validating =
                    new ValidatingDns(
                            settings,
                            anchors.isEmpty() ? ValidatingDns.ROOT_ANCHORS : anchors,
                            clock);
            return peers.dane() == PeerSecurity.Dane.ON
                    ? validating
                    : new OptionalDnssec(validating, SignedDns.unsigned(plain), clock);
        } catch (IOException e) {
            LOG.warn("warn: dns: {}: no mail by MX until this is mended", e.getMessage());
            return (name, _) ->
                    CompletableFuture.completedFuture(
                            new Vouched(
                                    new DnsReply.Tempfail("no trust anchors"),
                                    Security.INSECURE,
                                    name));
        }
    }

    private CompletableFuture<Boolean> probe() {
        return validating
                .works()
                .thenApply(yes -> {
                    if (!yes) {
                        LOG.info("info: dns: the name servers do not pass on DNSSEC: no DANE");
                    }
                    return yes;
                });
    }

    @Override
    public CompletableFuture<Vouched> ask(String name, RecordType type) {
        return state().thenCompose(yes -> yes ? validating.ask(name, type) : plain.ask(name, type));
    }

    private synchronized CompletableFuture<Boolean> state() {
        boolean failed = works.isDone() && !works.getNow(true);
        Instant now = clock.instant();
        if (failed && !now.isBefore(tried.plus(RETRY))) {
            tried = now;
            works = probe();
        }
        return works;
    }
}
