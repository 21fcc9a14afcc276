package smtpd.core.imsg;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.Secret;

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
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
