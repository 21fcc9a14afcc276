package smtpd.core.imsg;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.Secret;
import smtpd.core.mail.SessionId;

import java.util.List;

/// What smtp asks lka: who is this client, may it say so, and what becomes of this recipient.
public sealed interface SmtpToLka {
    /// Asks for a client's reverse name, confirmed forward.
    ///
    /// @param address a literal address
    record LookupName(String address) implements SmtpToLka {}

    /// Asks the ruleset about a recipient; on success its envelopes are with the queue.
    ///
    /// @param query the recipient and its session
    record ExpandRcpt(RcptQuery query) implements SmtpToLka {}

    /// Asks whether a client is who it says it is.
    ///
    /// @param table the listener's credentials; empty for the system's users
    /// @param user the name it gave (RFC 4616: authentication identity)
    /// @param password the password it gave
    record Authenticate(String table, String user, Secret password) implements SmtpToLka {}

    /// Asks what a client needs to prove that it knows a password (RFC 5802 §5). A user that is not
    /// known gets an answer like any other.
    ///
    /// @param table the listener's credentials
    /// @param user the name it gave
    record ScramSalt(String table, String user) implements SmtpToLka {}

    /// Asks whether a client has proved that it knows a password (RFC 5802 §3).
    ///
    /// @param table the listener's credentials
    /// @param user the name it gave
    /// @param message what both sides said, `AuthMessage`
    /// @param proof what the client made of it and of the password
    record ScramProof(String table, String user, String message, Bytes proof)
            implements SmtpToLka {}

    /// Asks whether an authenticated user may send as somebody.
    ///
    /// @param table the listener's `senders`
    /// @param user who it has proved to be
    /// @param sender as whom it wants to send
    record PermitSender(String table, String user, MailAddr sender) implements SmtpToLka {}

    /// Asks what name the server has at one of its addresses.
    ///
    /// @param table the listener's `hostnames`
    /// @param address the address the client connected to
    record LookupHostname(String table, String address) implements SmtpToLka {}

    /// Asks whether a listener's `bare-lf` has a client.
    ///
    /// @param table the listener's `bare-lf`
    /// @param address of the client
    record LookupClient(String table, String address) implements SmtpToLka {}

    /// What is for filters. All of it keeps its order.
    sealed interface ToFilters extends SmtpToLka {}

    /// Asks filters about a client that has come: the first word about its session.
    ///
    /// @param start the session
    record FilterBegin(FilterStart start) implements ToFilters {}

    /// Tells filters what happened; nothing is answered. [FilterEvent#LINK_DISCONNECT] is the last
    /// word about a session.
    ///
    /// @param session which
    /// @param event what
    /// @param fields its parameters; only the last may have `|` in it
    record FilterReport(SessionId session, FilterEvent event, List<String> fields)
            implements ToFilters {}

    /// Asks filters.
    ///
    /// @param session which
    /// @param phase what about, neither [FilterPhase#CONNECT] nor [FilterPhase#DATA_LINE]
    /// @param value the argument of the command
    /// @param subject what is known of the client
    record FilterQuery(SessionId session, FilterPhase phase, String value, FilterSubject subject)
            implements ToFilters {}

    /// Asks for an answer when filters have taken most of what they were told.
    ///
    /// @param session which
    record FilterBarrier(SessionId session) implements ToFilters {}

    /// A message begins that filters edit; what they make of it comes back.
    ///
    /// @param session which
    /// @param content a number nobody else has
    record ContentBegin(SessionId session, long content) implements ToFilters {}

    /// The next piece of it; at most [#CONTENT_WINDOW] bytes ahead of what was given back.
    ///
    /// @param content which
    /// @param part CRLF at the end of each line
    record ContentPart(long content, Bytes part) implements ToFilters {}

    /// Its end.
    ///
    /// @param content which
    /// @param wanted whether what comes back is of any use
    record ContentEnd(long content, boolean wanted) implements ToFilters {}

    /// Gives back what was done with: pieces of the edited message.
    ///
    /// @param content which
    /// @param bytes how many
    record EditedCredit(long content, int bytes) implements ToFilters {}

    /// Bytes of one message under way to filters: as many as a few hundred messages at a time may
    /// take of lka's memory.
    int CONTENT_WINDOW = 64 * 1024;

    /// Bytes of one message under way back from filters.
    int EDITED_WINDOW = 64 * 1024;

    /// The wire form.
    Codec<SmtpToLka> CODEC =
            new Codec<>() {
                @Override
                public int type(SmtpToLka message) {
                    return switch (message) {
                        case LookupName _ -> 1;
                        case ExpandRcpt _ -> 2;
                        case Authenticate _ -> 3;
                        case ScramSalt _ -> 4;
                        case ScramProof _ -> 5;
                        case PermitSender _ -> 6;
                        case LookupHostname _ -> 7;
                        case LookupClient _ -> 8;
                        case FilterBegin _ -> 20;
                        case FilterReport _ -> 21;
                        case FilterQuery _ -> 22;
                        case FilterBarrier _ -> 23;
                        case ContentBegin _ -> 24;
                        case ContentPart _ -> 25;
                        case ContentEnd _ -> 26;
                        case EditedCredit _ -> 27;
                    };
                }

                @Override
                public void write(SmtpToLka message, FrameOut out) {
                    switch (message) {
                        case LookupName it -> {
                            out.text(it.address());
                        }
                        case ExpandRcpt it -> {
                            RcptQuery.write(out, it.query());
                        }
                        case Authenticate it -> {
                            out.text(it.table());
                            out.text(it.user());
                            Wire.secret(out, it.password());
                        }
                        case ScramSalt it -> {
                            out.text(it.table());
                            out.text(it.user());
                        }
                        case ScramProof it -> {
                            out.text(it.table());
                            out.text(it.user());
                            out.text(it.message());
                            out.bytes(it.proof());
                        }
                        case PermitSender it -> {
                            out.text(it.table());
                            out.text(it.user());
                            Wire.addr(out, it.sender());
                        }
                        case LookupHostname it -> {
                            out.text(it.table());
                            out.text(it.address());
                        }
                        case LookupClient it -> {
                            out.text(it.table());
                            out.text(it.address());
                        }
                        case ToFilters it -> {
                            writeToFilters(it, out);
                        }
                    }
                }

                @Override
                public SmtpToLka read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> new LookupName(in.text());
                        case 2 -> new ExpandRcpt(RcptQuery.read(in));
                        case 3 -> new Authenticate(in.text(), in.text(), Wire.secret(in));
                        case 4 -> new ScramSalt(in.text(), in.text());
                        case 5 -> new ScramProof(in.text(), in.text(), in.text(), in.bytes());
                        case 6 -> new PermitSender(in.text(), in.text(), Wire.addr(in));
                        case 7 -> new LookupHostname(in.text(), in.text());
                        case 8 -> new LookupClient(in.text(), in.text());
                        default -> readToFilters(type, in);
                    };
                }
            };

    private static void writeToFilters(ToFilters message, FrameOut out) {
        switch (message) {
            case FilterBegin it -> FilterStart.write(out, it.start());
            case FilterReport it -> {
                Wire.session(out, it.session());
                out.choice(it.event());
                out.texts(it.fields());
            }
            case FilterQuery it -> {
                Wire.session(out, it.session());
                out.choice(it.phase());
                out.text(it.value());
                FilterSubject.write(out, it.subject());
            }
            case FilterBarrier it -> Wire.session(out, it.session());
            case ContentBegin it -> {
                Wire.session(out, it.session());
                out.i64(it.content());
            }
            case ContentPart it -> {
                out.i64(it.content());
                out.bytes(it.part());
            }
            case ContentEnd it -> {
                out.i64(it.content());
                out.bool(it.wanted());
            }
            case EditedCredit it -> {
                out.i64(it.content());
                out.u32(it.bytes());
            }
        }
    }

    private static SmtpToLka readToFilters(int type, FrameIn in) {
        return switch (type) {
            case 20 -> new FilterBegin(FilterStart.read(in));
            case 21 ->
                    new FilterReport(Wire.session(in), in.choice(FilterEvent.values()), in.texts());
            case 22 ->
                    new FilterQuery(
                            Wire.session(in),
                            in.choice(FilterPhase.values()),
                            in.text(),
                            FilterSubject.read(in));
            case 23 -> new FilterBarrier(Wire.session(in));
            case 24 -> new ContentBegin(Wire.session(in), in.i64());
            case 25 -> new ContentPart(in.i64(), in.bytes());
            case 26 -> new ContentEnd(in.i64(), in.bool());
            case 27 -> new EditedCredit(in.i64(), in.u32());
            default -> throw FrameIn.unknownType(type);
        };
    }
}
