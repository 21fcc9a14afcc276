package smtpd.smtp.verb;

import smtpd.core.conf.SmtpLimit;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.mail.Bytes;
import smtpd.core.proc.PeerLost;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Guard;
import smtpd.smtp.protocol.Lka;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.sasl.Turn;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;

/// One AUTH: says and asks what the mechanism wants until it is decided who the client is. Failures
/// are counted and answered after a while; what lka cannot answer now ends the session.
final class Authentication {
    private final Talk talk;
    private final Facts facts;

    Authentication(Talk talk) {
        this.talk = talk;
        facts = talk.facts();
    }

    /// A turn's work: either the next turn, or the reply that ends it.
    private record Next(Optional<Turn> turn, Optional<Reply> reply) {
        static Next turn(Turn turn) {
            return new Next(Optional.of(turn), Optional.empty());
        }

        static Next end(Reply reply) {
            return new Next(Optional.empty(), Optional.of(reply));
        }
    }

    /// Goes through the turns; returns the last reply.
    Reply run(Turn first) throws IOException {
        Turn turn = first;
        while (true) {
            Next next = take(turn);
            if (next.reply().isPresent()) {
                return next.reply().get();
            }
            turn = next.turn().orElseThrow();
        }
    }

    private Next take(Turn turn) throws IOException {
        return switch (turn) {
            case Turn.Challenge(Bytes challenge, var next) -> challenge(challenge, next);
            case Turn.Malformed(String reason) -> Next.end(Replies.badAuthentication(reason));
            case Turn.Refused(String user, _) -> Next.end(decide(user, LookupAnswer.NOT_FOUND));
            case Turn.Proved(String user) -> Next.end(decide(user, LookupAnswer.FOUND));
            case Turn.CheckPassword it -> asUser(it.user(), () -> password(it));
            case Turn.FetchSalt it -> asUser(it.user(), () -> salt(it));
            case Turn.CheckProof it -> asUser(it.user(), () -> proof(it));
        };
    }

    /// A question to lka.
    private interface Question {
        Next ask() throws PeerLost;
    }

    private Next asUser(String user, Question question) {
        Guard guard = facts.services().guard();
        Optional<SmtpLimit> limit = guard.mayAuthenticate(facts.client(), user);
        if (limit.isPresent()) {
            facts.log().limited(facts.id(), limit.get(), facts.client(), user);
            guard.hesitate();
            return Next.end(Replies.TOO_MANY_FAILURES);
        }
        try {
            return question.ask();
        } catch (PeerLost e) {
            return Next.end(decide(user, LookupAnswer.TEMPFAIL));
        }
    }

    private Lka lka() {
        return facts.services().lka();
    }

    private String table() {
        return facts.terms().listener().auth().table();
    }

    private Next password(Turn.CheckPassword it) throws PeerLost {
        return Next.end(decide(it.user(), lka().authenticate(table(), it.user(), it.password())));
    }

    private Next salt(Turn.FetchSalt it) throws PeerLost {
        LkaToSmtp.ScramSalted salted = lka().salt(table(), it.user());
        return salted.answer() == LookupAnswer.FOUND
                ? Next.turn(it.next().apply(new Turn.Salt(salted.salt(), salted.iterations())))
                : Next.end(decide(it.user(), salted.answer()));
    }

    private Next proof(Turn.CheckProof it) throws PeerLost {
        LkaToSmtp.ScramChecked checked = lka().prove(table(), it.user(), it.message(), it.proof());
        return checked.answer() == LookupAnswer.FOUND
                ? Next.turn(it.next().apply(checked.signature()))
                : Next.end(decide(it.user(), checked.answer()));
    }

    private Reply decide(String user, LookupAnswer answer) {
        Guard guard = facts.services().guard();
        Client client = facts.client();
        return switch (answer) {
            case FOUND -> {
                told("pass", user);
                guard.authenticated(client, user, true);
                talk.learn(facts.authenticated(user));
                facts.log().authentication(facts.id(), user, "ok");
                yield Replies.AUTHENTICATED;
            }
            case NOT_FOUND -> {
                told("fail", user);
                guard.authenticated(client, user, false);
                facts.log().authentication(facts.id(), user, "permfail");
                guard.hesitate();
                yield Replies.AUTH_FAILED;
            }
            case TEMPFAIL -> {
                told("error", user);
                facts.log().authentication(facts.id(), user, "tempfail");
                yield Replies.AUTH_NOT_NOW;
            }
        };
    }

    private void told(String result, String user) {
        if (facts.filters().active()) {
            facts.filters().report(FilterEvent.LINK_AUTH, result, user);
        }
    }

    /// Sends a challenge and reads the response, in base64 both (RFC 4954 §4).
    private Next challenge(Bytes challenge, Function<Bytes, Turn> next) throws IOException {
        talk.prompt(Replies.challenge(Base64.getEncoder().encodeToString(challenge.toByteArray())));
        return switch (talk.input().readLine(LineReader.AUTH_MAX)) {
            case LineReader.Read.Line(Bytes line) -> response(line.utf8(), next);
            case LineReader.Read.TooLong(boolean resumable) ->
                    Next.end(resumable ? Replies.AUTH_LINE_TOO_LONG : Replies.ENDLESS_LINE);
            case LineReader.Read.BareLf _, LineReader.Read.BareCr _ ->
                    Next.end(Replies.BARE_LINE_END);
            case LineReader.Read.Eof _ -> throw new EOFException("in AUTH");
        };
    }

    private Next response(String line, Function<Bytes, Turn> next) {
        // what was said may be a password
        if (facts.filters().active()) {
            facts.filters().report(FilterEvent.PROTOCOL_CLIENT, "********");
        }
        if (line.equals("*")) {
            return Next.end(Replies.AUTH_CANCELLED);
        }
        Optional<Bytes> response = line.isEmpty() ? Optional.of(Bytes.EMPTY) : decoded(line);
        return response.map(it -> Next.turn(next.apply(it)))
                .orElseGet(() -> Next.end(Replies.BAD_BASE64));
    }

    /// What base64 stands for, `=` for nothing; empty if it is none.
    static Optional<Bytes> decoded(String base64) {
        if (base64.equals("=")) {
            return Optional.of(Bytes.EMPTY);
        }
        try {
            return Optional.of(
                    Bytes.of(Base64.getDecoder().decode(base64.getBytes(StandardCharsets.UTF_8))));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
