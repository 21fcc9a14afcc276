package smtpd.mta;

import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.proc.PeerLost;
import smtpd.core.tls.TlsConnection;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// Gets MTA-STS policies over HTTPS (RFC 8461 §3.3): one request on a connection of its own, by a
/// thread of its own, the certificate verified, nothing followed.
public final class StsFetcher implements StsPolicies.Fetch {
    /// Once connected, a fetch may take so long (RFC 8461 §3.3 suggests one minute).
    static final Duration PATIENCE = Duration.ofMinutes(1);

    /// A connection may take so long to open.
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(10);

    /// The port that a Host field does not name.
    private static final int HTTPS_PORT = 443;

    private static final RouteKey.Helo NOBODY = new RouteKey.Helo("", "");

    private final Lookup lookup;
    private final Transport.Connector connector;
    private final Trust trust;
    private final int port;
    private final String ca;
    private final Executor agent;

    /// Finds the addresses of a host; blocks.
    @FunctionalInterface
    public interface Lookup {
        /// @throws PeerLost when lka does not answer
        LkaToMta addresses(MtaToLka.LookupHost question) throws PeerLost;
    }

    /// @param lookup finds addresses
    /// @param trust whom we believe
    /// @param port of the policy servers
    /// @param ca who vouches for them by name; empty for the system's
    /// @param agent runs what comes of it
    public StsFetcher(Lookup lookup, Trust trust, int port, String ca, Executor agent) {
        this(lookup, TcpTransport::connect, trust, port, ca, agent);
    }

    StsFetcher(
            Lookup lookup,
            Transport.Connector connector,
            Trust trust,
            int port,
            String ca,
            Executor agent) {
        this.lookup = lookup;
        this.connector = connector;
        this.trust = trust;
        this.port = port;
        this.ca = ca;
        this.agent = agent;
    }

    @Override
    public void fetch(String domain, Consumer<Result> then) {
        Thread.ofVirtual()
                .name("mta-sts " + domain)
                .start(() -> {
                    Result result = fetch("mta-sts." + domain);
                    agent.execute(() -> then.accept(result));
                });
    }

    private Result fetch(String host) {
        try {
            if (!(lookup.addresses(new MtaToLka.LookupHost(host))
                            instanceof LkaToMta.HostResult found)
                    || found.answer() != DnsAnswer.FOUND) {
                return new Result.None("no address of " + host);
            }
            return first(host, found.addresses());
        } catch (PeerLost e) {
            return new Result.None("no answer about " + host);
        }
    }

    /// The first address that takes a connection decides.
    private Result first(String host, List<String> addresses) {
        String reason = "no address of " + host;
        for (String address : addresses) {
            RouteKey place = new RouteKey("", address, port, Scheme.SMTPS, NOBODY);
            try (Transport clear = connector.connect(place, CONNECT_PATIENCE)) {
                clear.deadline(PATIENCE);
                return get(host, clear);
            } catch (IOException e) {
                reason = host + ": " + e.getMessage();
            }
        }
        return new Result.None(reason);
    }

    private Result get(String host, Transport clear) {
        try (TlsTransport secure =
                TlsTransport.over(clear, trust.client(TlsTerms.of(new TlsPolicy.Clear())), host)) {
            TlsConnection shown = secure.connection();
            Optional<String> problem =
                    CertificateJudge.byAnchors(shown.peerChain(), List.of(host), trust.anchors(ca));
            if (problem.isPresent()) {
                return new Result.None(host + ": " + problem.get());
            }
            byte[] request =
                    ("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: "
                                    + host
                                    + (port == HTTPS_PORT ? "" : ":" + port)
                                    + "\r\nAccept: text/plain\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII);
            secure.write(request, 0, request.length);
            try (InputStream in = secure.in()) {
                return new Result.Text(HttpReply.text(in));
            }
        } catch (IOException | GeneralSecurityException e) {
            return new Result.None(host + ": " + e.getMessage());
        }
    }
}
