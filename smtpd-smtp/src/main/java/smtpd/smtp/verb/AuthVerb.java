package smtpd.smtp.verb;

import smtpd.core.conf.Listener;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.mail.Bytes;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Hook;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;
import smtpd.smtp.sasl.Mechanism;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// AUTH (RFC 4954 §4): the client proves who it is. Offered where the listener has it, to who has
/// not done it yet, and only under TLS: passwords are not sent in clear.
final class AuthVerb extends Verb<Phase.Identified, Command.Auth> {
    AuthVerb() {
        super("AUTH", Phase.Identified.class, Command.Auth.class);
    }

    @Override
    public Optional<String> keyword(Facts facts) {
        return isOffered(facts)
                ? Optional.of(
                        mechanisms(facts).stream()
                                .map(Mechanism::word)
                                .collect(Collectors.joining(" ", "AUTH ", "")))
                : Optional.empty();
    }

    private static boolean isOffered(Facts facts) {
        return facts.terms().hasAuth()
                && facts.encryption().isOn()
                && !facts.client().isAuthenticated();
    }

    /// What can be used now. SCRAM only where the listener says that its table has keys for it:
    /// clients prefer it, and would fail with any other credentials.
    private static List<Mechanism> mechanisms(Facts facts) {
        Listener.Auth auth = facts.terms().listener().auth();
        return Mechanism.offered(auth.scram(), facts.encryption().bindings());
    }

    @Override
    protected Optional<Reply> check(Facts facts, Phase.Identified phase, Command.Auth command) {
        if (facts.client().isAuthenticated()) {
            return Optional.of(Replies.ALREADY_AUTHENTICATED);
        }
        if (!facts.terms().hasAuth()) {
            return Optional.of(Replies.NOT_IMPLEMENTED);
        }
        if (!phase.extended()) {
            return Optional.of(Replies.OUT_OF_ORDER);
        }
        if (!facts.encryption().isOn()) {
            return Optional.of(Replies.ENCRYPTION_NEEDED);
        }
        return Mechanism.named(command.mechanism(), mechanisms(facts)).isPresent()
                ? Optional.empty()
                : Optional.of(Replies.noSuchMechanism(command.mechanism()));
    }

    @Override
    protected Optional<Hook> hook(Phase.Identified phase, Command.Auth command) {
        String given = (command.mechanism() + " " + command.initialResponse()).strip();
        return Optional.of(new Hook(FilterPhase.AUTH, given, "AUTH "));
    }

    @Override
    protected Step proceed(Talk talk, Phase.Identified phase, Command.Auth command)
            throws IOException {
        Facts facts = talk.facts();
        Mechanism mechanism = Mechanism.named(command.mechanism(), mechanisms(facts)).orElseThrow();
        Optional<Bytes> initial = Optional.empty();
        if (!command.initialResponse().isEmpty()) {
            initial = Authentication.decoded(command.initialResponse());
            if (initial.isEmpty()) {
                return Step.to(phase, Replies.BAD_BASE64);
            }
        }
        Authentication authentication = new Authentication(talk);
        Reply reply =
                authentication.run(
                        mechanism.begin(
                                initial,
                                facts.encryption().bindings(),
                                facts.services().guard()::nonce));
        return Step.to(phase, reply);
    }

    @Override
    public boolean endsGroup() {
        return true;
    }

    /// RFC 4954 §4.5.1 (relaxed): an initial response may be as long as one of its own line.
    @Override
    public int lineMax() {
        return LineReader.AUTH_MAX;
    }

    /// The mechanism; the response may be a password.
    @Override
    public String shown(String line) {
        int blank = line.indexOf(' ', "AUTH ".length());
        return blank < 0 ? line : line.substring(0, blank) + " (...)";
    }
}
