package smtpd.smtp.verb;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.MailAddr;
import smtpd.core.message.HeaderFixer;
import smtpd.core.message.HeaderFixer.Policy;
import smtpd.core.smtp.ByteSink;
import smtpd.core.smtp.DotDecoder;
import smtpd.core.smtp.DotDecoder.Flaw;
import smtpd.core.smtp.DotDecoder.Framing;
import smtpd.core.smtp.LineReader;
import smtpd.core.smtp.Received;
import smtpd.core.smtp.Reply;
import smtpd.smtp.guard.Memory;
import smtpd.smtp.protocol.BodyWriter;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Filters;
import smtpd.smtp.protocol.Hello;
import smtpd.smtp.protocol.Inflow;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.protocol.Phase;
import smtpd.smtp.protocol.Replies;
import smtpd.smtp.protocol.Transaction;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The way of a message's content from the client to the queue: dots taken away, the header judged
/// and completed, our Received field in front. Nothing more is sent once the message is refused.
///
/// Each takes its part of the memory, and must be closed.
final class Content implements Inflow {
    private static final String SOFTWARE = "smtpd";

    /// What filters call junk is marked (OpenSMTPD: the same).
    private static final String SPAM = "X-Spam: Yes\r\n";

    private final Memory memory;
    private final DotDecoder decoder;
    private final HeaderFixer fixer;
    private final BodyWriter writer;
    private final Filters.@Nullable Edit edit;
    private final ByteSink wanted;
    private final long sizeMax;
    private long received;
    private boolean closed;

    private Content(
            Memory memory,
            DotDecoder decoder,
            HeaderFixer fixer,
            BodyWriter writer,
            Filters.@Nullable Edit edit,
            long sizeMax) {
        this.memory = memory;
        this.decoder = decoder;
        this.fixer = fixer;
        this.writer = writer;
        this.edit = edit;
        this.sizeMax = sizeMax;
        wanted = this::pass;
    }

    /// The content of the transaction of `phase`; waits while there is no memory for it, and is
    /// empty if that takes too long.
    static Optional<Inflow> open(Facts facts, Phase.InTransaction phase, Framing framing) {
        if (!takeMemory(facts)) {
            return Optional.empty();
        }
        try {
            return Optional.of(of(facts, phase, framing));
        } catch (RuntimeException e) {
            facts.services().memory().give(Memory.Need.CONTENT);
            throw e;
        }
    }

    private static boolean takeMemory(Facts facts) {
        try {
            return facts.services().memory().take(Memory.Need.CONTENT, Limits.CONTENT_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Content of(Facts facts, Phase.InTransaction phase, Framing framing) {
        Transaction tx = phase.tx();
        String date = facts.services().date().get();
        BodyWriter writer = new BodyWriter(facts.services().queue(), tx.msgid());
        Filters.Edit edit = facts.filters().edit() ? facts.filters().edit(writer) : null;
        ByteSink first = edit == null ? writer : edit;
        String trace = trace(facts, phase.outside().hello(), tx, date).header();
        byte[] head = ((facts.filters().junk() ? SPAM : "") + trace).getBytes(UTF_8);
        first.write(head, 0, head.length);
        HeaderFixer fixer = new HeaderFixer(policy(facts, tx, date), first);
        long sizeMax = facts.terms().options().maxMessageSize();
        DotDecoder.Bare bare =
                facts.terms().lineEnds() == LineReader.LineEnds.CRLF
                        ? DotDecoder.Bare.KEEP
                        : DotDecoder.Bare.LF_ENDS;
        return new Content(
                facts.services().memory(),
                new DotDecoder(bare, framing),
                fixer,
                writer,
                edit,
                sizeMax);
    }

    private static Received trace(Facts facts, Hello hello, Transaction tx, String date) {
        Client client = facts.client();
        boolean masked = facts.terms().listener().has(smtpd.core.conf.Listener.Flag.MASK_SRC);
        boolean told = facts.terms().listener().has(smtpd.core.conf.Listener.Flag.RECEIVED_AUTH);
        List<Transaction.Recipient> recipients = tx.recipients();
        MailAddr only = recipients.size() == 1 ? recipients.getFirst().rcpt() : null;
        return new Received(
                masked ? null : new Received.Client(hello.name(), client.host(), client.address()),
                new Received.Server(facts.terms().hostname(), SOFTWARE),
                new Received.With(
                        hello.dialect(),
                        tx.params().smtpUtf8(),
                        facts.encryption().isOn() ? facts.encryption().summary() : null,
                        client.isAuthenticated(),
                        told && !client.user().isEmpty() ? client.user() : null),
                only,
                tx.msgid(),
                date);
    }

    private static Policy policy(Facts facts, Transaction tx, String date) {
        Policy policy = policy(facts, date);
        boolean masked =
                facts.terms().listener().auth().masquerade()
                        && !facts.client().user().isEmpty()
                        && !tx.sender().isNull();
        return masked ? policy.from(tx.sender().toString()) : policy;
    }

    private static Policy policy(Facts facts, String date) {
        if (!facts.terms().submission(facts.client())) {
            return Policy.RELAYED;
        }
        String host = facts.terms().hostname();
        String unique = HexFormat.of().toHexDigits(facts.services().random().getAsLong());
        return Policy.submitted(host, date, "<" + unique + "@" + host + ">");
    }

    @Override
    public int take(byte[] bytes, int length) {
        int used = decoder.decode(bytes, 0, length, wanted);
        received += used;
        return used;
    }

    private void pass(byte[] bytes, int offset, int length) {
        if (acceptable()) {
            fixer.write(bytes, offset, length);
        }
    }

    private boolean acceptable() {
        return !tooBig() && !isBroken(decoder.flaws()) && !lost();
    }

    private boolean lost() {
        return edit == null ? writer.lost() : edit.lost();
    }

    private boolean tooBig() {
        return decoder.size() > sizeMax;
    }

    private static boolean isBroken(Set<Flaw> flaws) {
        return !flaws.isEmpty()
                && (flaws.contains(Flaw.BARE_CR)
                        || flaws.contains(Flaw.BARE_LF)
                        || flaws.contains(Flaw.NUL));
    }

    @Override
    public boolean done() {
        return decoder.done();
    }

    @Override
    public boolean hopeless() {
        return !done() && decoder.size() > sizeMax + Limits.EXCESS;
    }

    @Override
    public long received() {
        return received;
    }

    @Override
    public Optional<Reply> refusal() {
        if (isBroken(decoder.flaws())) {
            return Optional.of(Replies.BAD_CONTENT);
        }
        if (tooBig()) {
            return Optional.of(Replies.TOO_BIG);
        }
        return decoder.flaws().contains(Flaw.HUGE_LINE)
                ? Optional.of(Replies.HUGE_LINE)
                : Optional.empty();
    }

    @Override
    public Optional<Reply> finish() {
        decoder.finish(wanted);
        Optional<Reply> refusal = refusal();
        if (refusal.isPresent()) {
            return refusal;
        }
        return switch (fixer.finish()) {
            case NOT_COMPLIANT -> Optional.of(Replies.NOT_COMPLIANT);
            case LOOP -> Optional.of(Replies.LOOP);
            case HEADER_TOO_BIG -> Optional.of(Replies.HEADER_TOO_BIG);
            case ACCEPTABLE -> {
                if (edit != null && !edit.finish()) {
                    yield Optional.of(Replies.NOT_NOW);
                }
                writer.finish();
                yield writer.lost() ? Optional.of(Replies.NOT_NOW) : Optional.empty();
            }
        };
    }

    @Override
    public List<String> oddities() {
        return fixer.oddities();
    }

    @Override
    public long size() {
        return writer.size();
    }

    @Override
    public int checksum() {
        return writer.checksum();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            memory.give(Memory.Need.CONTENT);
            try (writer) {
                if (edit != null) {
                    edit.close();
                }
            }
        }
    }
}
