package smtpd.core.message;

import smtpd.core.smtp.ByteSink;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Stands in the way of an accepted message: judges its header, completes it where the policy says
/// so, and passes everything else on byte for byte. The header is held until its end, the body
/// never.
///
/// OpenSMTPD: header completion is done on every session; here it is the caller's choice.
public final class HeaderFixer implements ByteSink {
    /// A message with that many Received fields goes round in circles (RFC 5321 §6.3). OpenSMTPD:
    /// 100.
    public static final int RECEIVED_MAX = 100;

    private final Policy policy;
    private final ByteSink out;
    private HeaderBlock block = new HeaderBlock();
    private Verdict verdict = Verdict.ACCEPTABLE;
    private List<String> oddities = List.of();
    private boolean passing;

    /// What is done to a header.
    ///
    /// @param dropBcc whether Bcc fields are left out
    /// @param completeWith the host name that addresses in From, To and Cc get that have no domain;
    ///   empty to leave them alone
    /// @param from the only address From may have, its display name stays; empty to leave From
    ///   alone
    /// @param addIfMissing fields to add behind the others, name to value, in this order; none is
    ///   added where the message has one of that name
    public record Policy(
            boolean dropBcc, String completeWith, String from, Map<String, String> addIfMissing) {
        /// Mail of others: only Bcc is left out, as OpenSMTPD does.
        public static final Policy RELAYED = new Policy(true, "", "", Map.of());

        /// Takes a copy of the map in its order; refuses a name or value that holds a line end.
        public Policy {
            if (from.chars().anyMatch(c -> c < ' ')) {
                throw new IllegalArgumentException("an address with a control");
            }
            addIfMissing = Collections.unmodifiableMap(new LinkedHashMap<>(addIfMissing));
            addIfMissing.forEach((name, value) -> {
                if (name.isEmpty() || (name + value).chars().anyMatch(c -> c < ' ')) {
                    throw new IllegalArgumentException("header field " + name);
                }
            });
        }

        /// Mail of our own users: addresses are completed with `host`, `date` and `messageId` are
        /// added where missing (RFC 6409 §8).
        public static Policy submitted(String host, String date, String messageId) {
            Map<String, String> add = new LinkedHashMap<>();
            add.put("Date", date);
            add.put("Message-ID", messageId);
            return new Policy(true, host, "", add);
        }

        /// The same, with `sender` as the only address in From (OpenSMTPD: `masquerade`).
        public Policy from(String sender) {
            return new Policy(dropBcc, completeWith, sender, addIfMissing);
        }
    }

    /// What is to be said of the message so far.
    public enum Verdict {
        /// Nothing against it.
        ACCEPTABLE,
        /// No header, a line in it that is no field, or its first line folded: 550 5.7.1.
        NOT_COMPLIANT,
        /// [HeaderFixer#RECEIVED_MAX] Received fields or more: 554 5.4.6.
        LOOP,
        /// More than 256 KiB or 1000 fields of header: 550 5.6.0.
        HEADER_TOO_BIG
    }

    /// A fixer that passes its message on to `out`.
    public HeaderFixer(Policy policy, ByteSink out) {
        this.policy = policy;
        this.out = out;
    }

    /// Takes the next bytes of the message. Nothing is passed on any more once the verdict is not
    /// [Verdict#ACCEPTABLE].
    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (passing) {
            out.write(bytes, offset, length);
            return;
        }
        if (verdict != Verdict.ACCEPTABLE || length == 0) {
            return;
        }
        int used = block.append(bytes, offset, length);
        if (block.end() != HeaderBlock.End.OPEN) {
            settle();
            if (passing && used < length) {
                out.write(bytes, offset + used, length - used);
            }
        }
    }

    /// The message ends here. Returns the final verdict.
    public Verdict finish() {
        if (!passing && verdict == Verdict.ACCEPTABLE) {
            block.finish();
            settle();
        }
        return verdict;
    }

    /// The verdict so far.
    public Verdict verdict() {
        return verdict;
    }

    /// What is odd in the header, in a word each: fields that may stand once and stand more often
    /// (`from`, `subject`, …), `from-empty`, `from-broken`, `from-domains`. Empty before its end.
    public List<String> oddities() {
        return oddities;
    }

    private void settle() {
        verdict =
                switch (block.end()) {
                    case OPEN, COMPLETE ->
                            received() < RECEIVED_MAX ? Verdict.ACCEPTABLE : Verdict.LOOP;
                    case BAD_LINE -> Verdict.NOT_COMPLIANT;
                    case TOO_BIG -> Verdict.HEADER_TOO_BIG;
                };
        if (verdict == Verdict.ACCEPTABLE) {
            oddities = HeaderOddities.of(block);
            emitHeader();
            passing = true;
        }
        block = new HeaderBlock();
    }

    private int received() {
        int count = 0;
        for (int i = 0; i < block.fields(); i++) {
            count += block.is(i, "received") ? 1 : 0;
        }
        return count;
    }

    private void emitHeader() {
        int from = 0;
        for (int i = 0; i < block.fields(); i++) {
            if (policy.dropBcc() && block.is(i, "bcc")) {
                emit(from, block.start(i));
                from = block.end(i);
            } else if (!policy.from().isEmpty() && block.is(i, "from")) {
                emit(from, block.valueStart(i));
                masquerade(i);
                from = block.end(i);
            } else if (!policy.completeWith().isEmpty() && hasAddresses(i)) {
                from = complete(i, from);
            }
        }
        emit(from, block.fieldsEnd());
        addMissing();
        emit(block.fieldsEnd(), block.length());
    }

    /// Writes the value of a From field with the sender as its only address: in the place of the
    /// one that stands there, or in the place of everything.
    private void masquerade(int field) {
        int start = block.valueStart(field);
        int end = block.end(field);
        HeaderAddresses addresses = HeaderAddresses.scan(block.buffer(), start, end);
        if (addresses.whole() && addresses.mailboxes().size() == 1) {
            HeaderAddresses.Mailbox only = addresses.mailboxes().getFirst();
            byte[] text = only.address().toString().getBytes(StandardCharsets.UTF_8);
            int at = only.end() - text.length;
            if (at >= start
                    && Arrays.equals(block.buffer(), at, only.end(), text, 0, text.length)) {
                emit(start, at);
                emit(policy.from());
                emit(only.end(), end);
                return;
            }
        }
        emit(" " + policy.from() + "\r\n");
    }

    private boolean hasAddresses(int field) {
        return block.is(field, "from") || block.is(field, "to") || block.is(field, "cc");
    }

    /// Writes the field with a domain behind each address that has none, from `from` on; returns up
    /// to where it wrote.
    private int complete(int field, int from) {
        int written = from;
        HeaderAddresses addresses =
                HeaderAddresses.scan(block.buffer(), block.valueStart(field), block.end(field));
        for (HeaderAddresses.Mailbox mailbox : addresses.mailboxes()) {
            if (mailbox.address().domain().isEmpty()) {
                emit(written, mailbox.end());
                written = mailbox.end();
                emit("@" + policy.completeWith());
            }
        }
        return written;
    }

    private void addMissing() {
        List<String> lines = new ArrayList<>();
        policy.addIfMissing()
                .forEach((name, value) -> {
                    if (!present(name)) {
                        lines.add(name + ": " + value + "\r\n");
                    }
                });
        boolean open = block.fieldsEnd() > 0 && block.buffer()[block.fieldsEnd() - 1] != '\n';
        if (open && !lines.isEmpty()) {
            emit("\r\n");
        }
        lines.forEach(this::emit);
    }

    private boolean present(String name) {
        String lower = name.toLowerCase(java.util.Locale.ROOT);
        for (int i = 0; i < block.fields(); i++) {
            if (block.is(i, lower)) {
                return true;
            }
        }
        return false;
    }

    private void emit(int from, int to) {
        if (to > from) {
            out.write(block.buffer(), from, to - from);
        }
    }

    private void emit(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes, 0, bytes.length);
    }
}
