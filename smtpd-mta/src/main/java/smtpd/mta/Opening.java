package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.smtp.Reply;
import smtpd.core.tls.Anchors;
import smtpd.core.tls.TlsConnection;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/// The beginning of a dialogue: greeting, EHLO, STARTTLS, the server's certificate, AUTH (RFC 5321
/// §3.1, §3.2, RFC 3207, RFC 4954).
final class Opening {
    private static final String NO_STARTTLS = "TLS required but not supported by remote host";

    private final SessionPlan plan;
    private final MtaSession.World world;
    private final MailLog log;
    private final Ear ear;
    private @Nullable TlsTransport encrypted;

    /// What it came to.
    ///
    /// @param dialogue ready for MAIL
    /// @param encrypted closed by whoever takes over; null in clear
    /// @param offers what the server offered last
    /// @param outcome how the session is protected
    record Opened(
            Dialogue dialogue,
            @Nullable TlsTransport encrypted,
            Offers offers,
            TlsOutcome outcome) {}

    Opening(SessionPlan plan, MtaSession.World world, MailLog log, Ear ear) {
        this.plan = plan;
        this.world = world;
        this.log = log;
        this.ear = ear;
    }

    /// @param clear a connection on which nothing was said
    Opened open(Transport clear) throws SessionEnd {
        try {
            return greet(clear);
        } catch (SessionEnd end) {
            // RFC 8446 §6.1: the server learns that this is no attack
            if (encrypted != null) {
                encrypted.close();
            }
            throw end;
        }
    }

    private Opened greet(Transport clear) throws SessionEnd {
        encrypted = plan.route().scheme().isImplicitTls() ? encrypt(clear, false) : null;
        Dialogue dialogue = dialogue(encrypted == null ? clear : encrypted);
        banner(dialogue);
        String name = heloName(clear);
        Reply hello = hello(dialogue, name);
        if (encrypted == null && wantsTls() && startTls(dialogue, hello)) {
            encrypted = encrypt(clear, true);
            // RFC 3207 §4.2: what was said before does not count
            dialogue = dialogue(encrypted);
            hello = hello(dialogue, name);
        }
        TlsOutcome outcome =
                encrypted == null ? TlsOutcome.clear(policy()) : judge(encrypted.connection());
        count(outcome);
        logIn(dialogue, hello, outcome);
        return new Opened(dialogue, encrypted, Offers.of(hello), outcome);
    }

    private TlsPolicy policy() {
        return plan.route().tls().policy();
    }

    private boolean wantsTls() {
        return switch (policy()) {
            case TlsPolicy.Clear _ -> false;
            case TlsPolicy.Opportunistic _ -> plan.manner().encryption();
            case TlsPolicy.Encrypted _, TlsPolicy.Verified _, TlsPolicy.Dane _ -> true;
        };
    }

    private Dialogue dialogue(Transport transport) {
        return new Dialogue(transport, world.patience(), ear);
    }

    /// RFC 5321 §3.1.
    private static void banner(Dialogue dialogue) throws SessionEnd {
        Reply banner = dialogue.reply(Phase.BANNER);
        if (banner.kind() != Reply.Kind.COMPLETED) {
            throw refused(Phase.BANNER, banner.line());
        }
        dialogue.ear().greeted(banner);
    }

    private static SessionEnd refused(Phase phase, String reason) {
        return new SessionEnd(new RouteVerdict.Refused(reason), phase, reason);
    }

    private static SessionEnd untrusted(Phase phase, String reason) {
        return new SessionEnd(new RouteVerdict.Untrusted(reason), phase, reason);
    }

    private String heloName(Transport transport) throws SessionEnd {
        RouteKey.Helo helo = plan.route().helo();
        if (helo.table().isEmpty()) {
            return helo.name();
        }
        return world.desk()
                .heloNames()
                .of(helo.table(), transport.localAddress())
                .orElseThrow(() -> refused(Phase.HELLO, "Could not retrieve helo name"));
    }

    /// EHLO; HELO for servers that do not know it (RFC 5321 §3.2); LHLO for LMTP (RFC 2033 §4.1).
    private Reply hello(Dialogue dialogue, String name) throws SessionEnd {
        boolean lmtp = plan.route().scheme() == Scheme.LMTP;
        Reply reply = introduce(dialogue, lmtp ? "LHLO" : "EHLO", name);
        if (reply.kind() == Reply.Kind.PERMANENT && !lmtp) {
            reply = introduce(dialogue, "HELO", name);
            if (reply.kind() == Reply.Kind.COMPLETED) {
                // RFC 5321 §4.1.1.1: nothing was offered, whatever the text looks like
                return Reply.of(reply.code(), reply.lines().getFirst());
            }
        }
        if (reply.kind() != Reply.Kind.COMPLETED) {
            throw refused(Phase.HELLO, reply.line());
        }
        return reply;
    }

    private static Reply introduce(Dialogue dialogue, String verb, String name) throws SessionEnd {
        dialogue.command(verb + " " + name);
        dialogue.ear().identified(verb, name);
        return answer(dialogue, Phase.HELLO);
    }

    /// Sends what was said, and the only reply to it.
    static Reply answer(Dialogue dialogue, Phase phase) throws SessionEnd {
        dialogue.flush(phase);
        Reply reply = dialogue.reply(phase);
        dialogue.expectNoMore(phase);
        return reply;
    }

    /// Whether the server is ready for a handshake; ends the session where mail must not go out in
    /// clear.
    private boolean startTls(Dialogue dialogue, Reply hello) throws SessionEnd {
        if (!Offers.of(hello).has(Offers.Extension.STARTTLS)) {
            if (policy().needsTls()) {
                throw untrusted(Phase.STARTTLS, NO_STARTTLS);
            }
            return false;
        }
        dialogue.command("STARTTLS");
        dialogue.flush(Phase.STARTTLS);
        Reply reply = dialogue.reply(Phase.STARTTLS);
        if (reply.kind() == Reply.Kind.COMPLETED) {
            if (dialogue.hasMore()) {
                // somebody in between may have put it there, to be read as the server's own
                log.injection(plan.id());
                throw Dialogue.broken(Phase.STARTTLS, "Text after the reply to STARTTLS");
            }
            return true;
        }
        dialogue.expectNoMore(Phase.STARTTLS);
        if (policy().needsTls()) {
            throw untrusted(Phase.STARTTLS, NO_STARTTLS + ": " + reply.line());
        }
        return false;
    }

    private TlsTransport encrypt(Transport clear, boolean byCommand) throws SessionEnd {
        TlsTerms terms = plan.route().tls();
        clear.deadline(world.patience().of(Phase.HANDSHAKE));
        try {
            return TlsTransport.over(
                    clear, world.desk().trust().client(terms), serverName(terms.policy()));
        } catch (SocketTimeoutException _) {
            ear.timeout();
            throw failed("timeout", byCommand);
        } catch (IOException e) {
            throw failed(String.valueOf(e.getMessage()), byCommand);
        } catch (GeneralSecurityException e) {
            // ours to mend: nothing goes out on other terms than configured
            throw untrusted(Phase.HANDSHAKE, "TLS: " + e.getMessage());
        }
    }

    private SessionEnd failed(String why, boolean byCommand) {
        world.statistics().increment("mta.tls.failed");
        log.closing(plan.id(), byCommand ? "tls-failure" : "tls-connect-failed");
        String reason = "TLS handshake failed: " + why;
        return policy().needsTls()
                ? untrusted(Phase.HANDSHAKE, reason)
                : new SessionEnd(new RouteVerdict.NoEncryption(reason), Phase.HANDSHAKE, reason);
    }

    /// What the server is asked for (RFC 6066 §3): names only, never addresses.
    private String serverName(TlsPolicy policy) {
        String name =
                switch (policy) {
                    case TlsPolicy.Dane dane -> dane.base();
                    case TlsPolicy.Verified verified -> verified.names().getFirst();
                    case TlsPolicy.Clear _, TlsPolicy.Opportunistic _, TlsPolicy.Encrypted _ ->
                            plan.host();
                };
        return Resolver.literal(name).isEmpty() ? name : "";
    }

    /// Looks at the certificate. Where nobody asks who the server is, the answer is for the log
    /// only.
    private TlsOutcome judge(TlsConnection connection) throws SessionEnd {
        TlsTerms terms = plan.route().tls();
        List<X509Certificate> chain = connection.peerChain();
        log.encrypted(plan.id(), connection.facts());
        ear.encrypted(connection.facts());
        String problem;
        try {
            Anchors anchors = world.desk().trust().anchors(terms.ca());
            problem = problem(terms.policy(), chain, anchors);
        } catch (GeneralSecurityException e) {
            problem = String.valueOf(e.getMessage());
        }
        log.certificate(plan.id(), chain, problem);
        boolean matters =
                switch (terms.policy()) {
                    case TlsPolicy.Clear _, TlsPolicy.Opportunistic _, TlsPolicy.Encrypted _ ->
                            false;
                    case TlsPolicy.Verified _, TlsPolicy.Dane _ -> true;
                };
        if (matters && !problem.isEmpty()) {
            world.statistics().increment("mta.tls.untrusted");
            throw untrusted(
                    Phase.HANDSHAKE,
                    "Certificate of remote host is not verified ("
                            + terms.policy().word()
                            + "): "
                            + problem);
        }
        return TlsOutcome.encrypted(terms.policy(), connection.facts(), problem);
    }

    private String problem(TlsPolicy policy, List<X509Certificate> chain, Anchors anchors) {
        Optional<String> problem =
                switch (policy) {
                    case TlsPolicy.Verified _, TlsPolicy.Dane _ ->
                            CertificateJudge.problem(
                                    policy, chain, anchors, world.clock().instant());
                    case TlsPolicy.Clear _, TlsPolicy.Opportunistic _, TlsPolicy.Encrypted _ ->
                            CertificateJudge.byAnchors(chain, List.of(plan.host()), anchors);
                };
        return problem.orElse("");
    }

    private void count(TlsOutcome outcome) {
        world.statistics().increment("mta.tls." + outcome.level().word());
        world.statistics().increment("mta.tls.policy." + outcome.policy().word());
    }

    /// OpenSMTPD: credentials never go over a connection in clear.
    private void logIn(Dialogue dialogue, Reply hello, TlsOutcome outcome) throws SessionEnd {
        RouteKey.Login login = plan.route().login();
        if (!login.isWanted()) {
            return;
        }
        if (outcome.level() == TlsOutcome.Level.CLEAR) {
            throw refused(Phase.AUTH, "Refuse to AUTH over insecure channel");
        }
        Secrets.Found found = world.desk().secrets().of(login.table(), login.label());
        if (!(found instanceof Secrets.Found.Credentials credentials)) {
            throw refused(Phase.AUTH, "Could not retrieve credentials");
        }
        new Login(dialogue, credentials, outcome.level()).run(hello);
    }
}
