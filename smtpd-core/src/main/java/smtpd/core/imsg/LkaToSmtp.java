package smtpd.core.imsg;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;

import java.util.List;
import java.util.Set;

/// What lka answers smtp.
public sealed interface LkaToSmtp {
    /// The answer to a name lookup.
    ///
    /// @param name the reverse name, or `<unknown>`
    /// @param confirmed whether the name leads back to the address
    record ClientName(String name, Confirmed confirmed) implements LkaToSmtp {}

    /// The recipient is accepted; its envelopes wait in the queue for the commit.
    ///
    /// @param envelopes the ids they were given
    record Expanded(List<EvpId> envelopes) implements LkaToSmtp {}

    /// The recipient is refused, for now or for good.
    ///
    /// @param code the reply code: 4xx for now, 5xx for good
    /// @param status the enhanced status code, or empty
    /// @param text the reply's text without the recipient
    record Refused(int code, String status, String text) implements LkaToSmtp {}

    /// The answer to a password.
    ///
    /// @param answer found: it fits; not found: it does not, or there is no such user; else not now
    record Authenticated(LookupAnswer answer) implements LkaToSmtp {}

    /// What a client needs to prove that it knows a password.
    ///
    /// @param answer found, for whatever user; else not now
    /// @param salt for the user
    /// @param iterations for the user
    record ScramSalted(LookupAnswer answer, Bytes salt, int iterations) implements LkaToSmtp {}

    /// The answer to a proof.
    ///
    /// @param answer found: it is one; not found: it is not, or there is no such user; else not now
    /// @param signature shows the client that we know the password's keys; empty unless found
    record ScramChecked(LookupAnswer answer, Bytes signature) implements LkaToSmtp {}

    /// Whether a user may send as somebody.
    ///
    /// @param answer found: it may; not found: it may not; else not now
    record SenderPermitted(LookupAnswer answer) implements LkaToSmtp {}

    /// The server's name at an address.
    ///
    /// @param answer found, not found, not now
    /// @param name empty unless found
    record Hostname(LookupAnswer answer, String name) implements LkaToSmtp {}

    /// Whether a table has a client.
    record ClientListed(LookupAnswer answer) implements LkaToSmtp {}

    /// What filters say.
    sealed interface OfFilters extends LkaToSmtp {}

    /// What filters want to see of a session, and what they decide about the client.
    ///
    /// @param phases what they want to be asked
    /// @param events what they want to be told
    /// @param verdict about the client
    record FilterBegun(Set<FilterPhase> phases, Set<FilterEvent> events, FilterVerdict verdict)
            implements OfFilters {}

    /// What filters decide.
    record FilterDecided(FilterVerdict verdict) implements OfFilters {}

    /// Gives back what was done with: pieces of a message that filters edit.
    ///
    /// @param content which
    /// @param bytes how many
    record ContentCredit(long content, int bytes) implements OfFilters {}

    /// The next piece of an edited message; at most [SmtpToLka#EDITED_WINDOW] bytes ahead of what
    /// was given back.
    ///
    /// @param content which
    /// @param part CRLF at the end of each line
    record EditedPart(long content, Bytes part) implements OfFilters {}

    /// The end of an edited message.
    ///
    /// @param content which
    /// @param whole whether it came to its end; otherwise it is of no use
    record EditedEnd(long content, boolean whole) implements OfFilters {}

    /// The wire form.
    Codec<LkaToSmtp> CODEC =
            new Codec<>() {
                @Override
                public int type(LkaToSmtp message) {
                    return switch (message) {
                        case ClientName _ -> 1;
                        case Expanded _ -> 2;
                        case Refused _ -> 3;
                        case Authenticated _ -> 4;
                        case ScramSalted _ -> 5;
                        case ScramChecked _ -> 6;
                        case SenderPermitted _ -> 7;
                        case Hostname _ -> 8;
                        case ClientListed _ -> 9;
                        case FilterBegun _ -> 20;
                        case FilterDecided _ -> 21;
                        case ContentCredit _ -> 22;
                        case EditedPart _ -> 23;
                        case EditedEnd _ -> 24;
                    };
                }

                @Override
                public void write(LkaToSmtp message, FrameOut out) {
                    switch (message) {
                        case ClientName it -> {
                            out.text(it.name());
                            out.choice(it.confirmed());
                        }
                        case Expanded it -> {
                            out.list(it.envelopes(), Wire::evpid);
                        }
                        case Refused it -> {
                            out.u32(it.code());
                            out.text(it.status());
                            out.text(it.text());
                        }
                        case Authenticated it -> {
                            out.choice(it.answer());
                        }
                        case ScramSalted it -> {
                            out.choice(it.answer());
                            out.bytes(it.salt());
                            out.u32(it.iterations());
                        }
                        case ScramChecked it -> {
                            out.choice(it.answer());
                            out.bytes(it.signature());
                        }
                        case SenderPermitted it -> {
                            out.choice(it.answer());
                        }
                        case ClientListed it -> {
                            out.choice(it.answer());
                        }
                        case Hostname it -> {
                            out.choice(it.answer());
                            out.text(it.name());
                        }
                        case FilterBegun it -> {
                            Wire.set(out, it.phases());
                            Wire.set(out, it.events());
                            FilterVerdict.write(out, it.verdict());
                        }
                        case FilterDecided it -> {
                            FilterVerdict.write(out, it.verdict());
                        }
                        case ContentCredit it -> {
                            out.i64(it.content());
                            out.u32(it.bytes());
                        }
                        case EditedPart it -> {
                            out.i64(it.content());
                            out.bytes(it.part());
                        }
                        case EditedEnd it -> {
                            out.i64(it.content());
                            out.bool(it.whole());
                        }
                    }
                }

                @Override
                public LkaToSmtp read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new ClientName(in.text(), in.choice(Confirmed.values()));
                        case 2 -> new Expanded(in.list(Wire::evpid));
                        case 3 -> new Refused(in.u32(), in.text(), in.text());
                        case 4 -> new Authenticated(in.choice(LookupAnswer.values()));
                        case 5 ->
                                new ScramSalted(
                                        in.choice(LookupAnswer.values()), in.bytes(), in.u32());
                        case 6 -> new ScramChecked(in.choice(LookupAnswer.values()), in.bytes());
                        case 7 -> new SenderPermitted(in.choice(LookupAnswer.values()));
                        case 8 -> new Hostname(in.choice(LookupAnswer.values()), in.text());
                        case 9 -> new ClientListed(in.choice(LookupAnswer.values()));
                        case 20 ->
                                new FilterBegun(
                                        Wire.set(in, FilterPhase.class),
                                        Wire.set(in, FilterEvent.class),
                                        FilterVerdict.read(in));
                        case 21 -> new FilterDecided(FilterVerdict.read(in));
                        case 22 -> new ContentCredit(in.i64(), in.u32());
                        case 23 -> new EditedPart(in.i64(), in.bytes());
                        case 24 -> new EditedEnd(in.i64(), in.bool());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
