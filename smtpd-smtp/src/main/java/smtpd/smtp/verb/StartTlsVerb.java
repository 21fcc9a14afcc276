package smtpd.smtp.verb;

import smtpd.core.imsg.FilterPhase;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.Reply;
import smtpd.smtp.guard.Memory;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Hook;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Step.Then;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

import java.util.List;
import java.util.Optional;

/// STARTTLS (RFC 3207 §4). What the session knew of the client is forgotten with it (§4.2), and
/// nothing may have been sent behind it: it would come from somebody who does not have the keys.
final class StartTlsVerb extends Verb<Phase.Identified, Command.StartTls> {
    StartTlsVerb() {
        super("STARTTLS", Phase.Identified.class, Command.StartTls.class);
    }

    @Override
    protected Optional<Reply> check(Facts facts, Phase.Identified phase, Command.StartTls command) {
        if (facts.encryption().isOn()) {
            return Optional.of(Replies.OUT_OF_ORDER);
        }
        return facts.terms().offersTls() ? Optional.empty() : Optional.of(Replies.NOT_IMPLEMENTED);
    }

    @Override
    protected Optional<Hook> hook(Phase.Identified phase, Command.StartTls command) {
        return Optional.of(Hook.of(FilterPhase.STARTTLS));
    }

    @Override
    protected Step proceed(Talk talk, Phase.Identified phase, Command.StartTls command) {
        if (!talk.facts().services().memory().has(Memory.Need.HANDSHAKE)) {
            return Step.close(phase, Replies.TOO_MANY_SESSIONS);
        }
        return new Step(
                new Phase.Greeted(phase.accepted()), List.of(Replies.READY_FOR_TLS), Then.SECURE);
    }

    @Override
    public boolean endsGroup() {
        return true;
    }

    @Override
    public Optional<String> keyword(Facts facts) {
        return facts.terms().offersTls() && !facts.encryption().isOn()
                ? Optional.of("STARTTLS")
                : Optional.empty();
    }
}
