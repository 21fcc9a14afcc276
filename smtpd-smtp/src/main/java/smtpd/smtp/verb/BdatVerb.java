package smtpd.smtp.verb;

import smtpd.core.imsg.FilterPhase;
import smtpd.core.smtp.ByteSink;
import smtpd.core.smtp.Command;
import smtpd.core.smtp.DotDecoder.Framing;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Reply;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Filters;
import smtpd.smtp.protocol.Hook;
import smtpd.smtp.protocol.Inflow;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Step;
import smtpd.smtp.protocol.Talk;
import smtpd.smtp.protocol.Verb;

import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;

/// BDAT (RFC 3030 §2): content in chunks of a told size. A chunk that is refused ends the
/// transaction; its octets, and those of chunks already under way behind it, are read and dropped,
/// so that none of them is taken for a command.
final class BdatVerb extends Verb<Phase, Command.Bdat> {
    private static final int BUFFER = 16 * 1024;

    BdatVerb() {
        super("BDAT", Phase.class, Command.Bdat.class);
    }

    @Override
    public Optional<String> keyword(Facts facts) {
        return Optional.of("CHUNKING");
    }

    @Override
    protected Optional<Reply> check(Facts facts, Phase phase, Command.Bdat bdat) {
        return switch (phase) {
            case Phase.Greeted _, Phase.Identified _ -> Optional.of(Replies.OUT_OF_ORDER);
            case Phase.InTransaction it when it.tx().allRefused() ->
                    Optional.of(Replies.NO_VALID_RCPTS);
            case Phase.InTransaction it when it.tx().recipients().isEmpty() ->
                    Optional.of(Replies.OUT_OF_ORDER);
            case Phase.InTransaction _ -> tooBig(facts, 0, bdat);
            case Phase.InChunks it -> tooBig(facts, it.content().received(), bdat);
        };
    }

    /// The first chunk is what DATA would be.
    @Override
    protected Optional<Hook> hook(Phase phase, Command.Bdat bdat) {
        return phase instanceof Phase.InTransaction
                ? Optional.of(Hook.of(FilterPhase.DATA))
                : Optional.empty();
    }

    @Override
    protected void report(Filters filters, Phase phase, Command command, Reply reply) {
        Acceptance.report(filters, phase, reply);
    }

    private static Optional<Reply> tooBig(Facts facts, long received, Command.Bdat bdat) {
        long room = facts.terms().options().maxMessageSize() - received;
        return bdat.size() > room ? Optional.of(Replies.TOO_BIG) : Optional.empty();
    }

    @Override
    protected Step proceed(Talk talk, Phase phase, Command.Bdat bdat) throws IOException {
        return switch (phase) {
            case Phase.Greeted _, Phase.Identified _ ->
                    refuse(talk, phase, bdat, Replies.OUT_OF_ORDER);
            case Phase.InTransaction it -> first(talk, it, bdat);
            case Phase.InChunks it -> chunk(talk, it, bdat);
        };
    }

    private Step first(Talk talk, Phase.InTransaction phase, Command.Bdat bdat) throws IOException {
        Optional<Inflow> content = Content.open(talk.facts(), phase, Framing.COUNTED);
        if (content.isEmpty()) {
            report(talk.facts().filters(), phase, bdat, Replies.BUSY);
            return refuse(talk, phase, bdat, Replies.BUSY);
        }
        Acceptance.report(talk.facts().filters(), phase, Replies.chunk(bdat.size()));
        try {
            return chunk(talk, new Phase.InChunks(phase, content.get(), 0), bdat);
        } catch (IOException | RuntimeException | StackOverflowError e) {
            // No phase knows of it yet.
            content.get().close();
            throw e;
        }
    }

    private static Step chunk(Talk talk, Phase.InChunks phase, Command.Bdat bdat)
            throws IOException {
        Inflow content = phase.content();
        if (!read(talk, bdat.size(), (bytes, _, length) -> content.take(bytes, length))) {
            Facts facts = talk.facts();
            facts.log().lostConnection(facts.id(), "BDAT", content.received());
            throw new EOFException("in BDAT");
        }
        if (bdat.last()) {
            try (content) {
                return Acceptance.settle(talk.facts(), phase.begun(), content);
            }
        }
        Optional<Reply> refusal = content.refusal();
        if (refusal.isPresent()) {
            phase.begun().tx().refuse(refusal.get());
            return Step.to(phase.reset(), refusal.get());
        }
        int empty = phase.empty() + (bdat.size() == 0 ? 1 : 0);
        return empty > Limits.EMPTY_CHUNKS
                ? Step.close(phase.reset(), Replies.TOO_MANY_CHUNKS)
                : Step.to(
                        new Phase.InChunks(phase.begun(), content, empty),
                        Replies.chunk(bdat.size()));
    }

    /// Reads the octets of a chunk; false if the client goes away before.
    private static boolean read(Talk talk, long size, ByteSink to) throws IOException {
        LineReader in = talk.input();
        byte[] buffer = new byte[(int) Math.min(size, BUFFER)];
        long left = size;
        while (left > 0) {
            if (in.buffered() == 0) {
                talk.flush();
            }
            int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (count < 0) {
                return false;
            }
            to.write(buffer, 0, count);
            left -= count;
        }
        return true;
    }

    /// What follows is content, not commands: it is dropped, or the session ends where nobody can
    /// tell how much it is, or where it is too much.
    @Override
    protected Step refuse(Talk talk, Phase phase, Command command, Reply reply) throws IOException {
        Phase next = phase.reset();
        if (!(command instanceof Command.Bdat bdat) || bdat.size() > Limits.EXCESS) {
            return Step.close(next, reply);
        }
        if (!read(talk, bdat.size(), (_, _, _) -> {})) {
            throw new EOFException("in BDAT");
        }
        return Step.to(next, reply);
    }
}
