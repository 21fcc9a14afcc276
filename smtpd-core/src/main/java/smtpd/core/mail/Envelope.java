package smtpd.core.mail;

import java.time.Duration;
import java.time.Instant;

/// One recipient of one message: where it came from, where it goes, and how it has fared.
///
/// Everything but [State] is settled when the message is accepted.
///
/// @param id its id in the queue
/// @param origin the session it came by
/// @param sender the reverse-path
/// @param rcpt the recipient as received
/// @param dest the recipient after expansion
/// @param target what to do with it
/// @param dsn the sender's wishes about reports
/// @param created when it was accepted
/// @param ttl how long it may stay before it expires, counted from `created`
/// @param state how it has fared so far
public record Envelope(
        EvpId id,
        Origin origin,
        MailAddr sender,
        MailAddr rcpt,
        MailAddr dest,
        Target target,
        Dsn dsn,
        Instant created,
        Duration ttl,
        State state) {

    /// The session an envelope came by, as its rules, reports and listings need it.
    ///
    /// @param tag the listener's tag, or empty
    /// @param smtpName the name the listener gave itself
    /// @param helo the client's HELO or EHLO argument
    /// @param hostName the client's reverse name, or `<unknown>`
    /// @param address the client's address without port, `local` for the local socket
    /// @param userName the authenticated user, or empty
    /// @param flags what else is known of the session
    public record Origin(
            String tag,
            String smtpName,
            String helo,
            String hostName,
            String address,
            String userName,
            OriginFlags flags) {
        /// `local`, `inet4` or `inet6`: the family column of `smtpctl show queue`.
        public String family() {
            if (address.equals("local")) {
                return "local";
            }
            return address.indexOf(':') >= 0 ? "inet6" : "inet4";
        }
    }

    /// Session facts that are yes or no.
    ///
    /// @param authenticated the client authenticated (or is a local user on the local socket)
    /// @param internal made by ourselves: an expanded address or a bounce
    /// @param tls the session is encrypted
    /// @param utf8 the mail was given with SMTPUTF8 (RFC 6531 §3.4): its header may hold UTF-8, and
    ///   so may its addresses
    public record OriginFlags(boolean authenticated, boolean internal, boolean tls, boolean utf8) {
        /// Nothing known.
        public static final OriginFlags NONE = new OriginFlags(false, false, false);

        /// Those of a mail without SMTPUTF8.
        public OriginFlags(boolean authenticated, boolean internal, boolean tls) {
            this(authenticated, internal, tls, false);
        }
    }

    /// What to do with an envelope: the three types of delivery.
    public sealed interface Target {
        /// The name of the action (dispatcher) in smtpd.conf; empty for a bounce.
        String dispatcher();

        /// Deliver on this machine, as a user.
        ///
        /// @param dispatcher the action's name
        /// @param user the user (of the action's userbase) who receives
        /// @param exec a `|command` or `/file` from aliases or `.forward` that replaces the
        ///   action's method; or empty
        /// @param subaddress the part after the sub-address delimiter, or empty
        record Mda(String dispatcher, String user, String exec, String subaddress)
                implements Target {}

        /// Relay to another server.
        ///
        /// @param dispatcher the action's name
        record Mta(String dispatcher) implements Target {}

        /// Tell the sender about the recipient this envelope stands for.
        ///
        /// @param kind what to tell
        /// @param delay for [BounceKind#DELAYED]: the warning interval that has passed; else zero
        /// @param story what led to it
        record Bounce(BounceKind kind, Duration delay, Story story) implements Target {
            /// Of an unknown story.
            public Bounce(BounceKind kind, Duration delay) {
                this(kind, delay, Story.UNKNOWN);
            }

            @Override
            public String dispatcher() {
                return "";
            }
        }
    }

    /// What a report tells.
    public enum BounceKind {
        /// It will not be delivered.
        FAILED,
        /// It has not been delivered yet and is still being tried.
        DELAYED,
        /// It was delivered, and the sender wished to know.
        DELIVERED,
        /// It was handed to a server that does not report deliveries, and the sender wished to
        /// know.
        RELAYED
    }

    /// What led to a report, apart from the status and text that stand in its [State].
    ///
    /// @param cause who or what ended or delayed the delivery
    /// @param remote the name of the server that said so, or its address in brackets; empty if none
    ///   did, or it is not known
    /// @param lastTry the end of the attempt it is about, or of the last one; or [Instant#EPOCH]
    /// @param before the end of the attempt before that one, or [Instant#EPOCH]
    public record Story(Cause cause, String remote, Instant lastTry, Instant before) {
        /// Longest kept [#remote]: a domain name (RFC 5321 §4.5.3.1.2).
        public static final int REMOTE_MAX = 255;

        /// Nothing is known.
        public static final Story UNKNOWN =
                new Story(Cause.REMOTE, "", Instant.EPOCH, Instant.EPOCH);

        /// Cuts an over-long name.
        public Story {
            if (remote.length() > REMOTE_MAX) {
                remote = remote.substring(0, REMOTE_MAX);
            }
        }
    }

    /// Who or what ended or delayed a delivery.
    public enum Cause {
        /// Delivery to another server.
        REMOTE,
        /// Delivery on this machine.
        LOCAL,
        /// The time it may stay in the queue.
        EXPIRED
    }

    /// How an envelope has fared: the part that changes in the queue.
    ///
    /// @param retry how many attempts have failed temporarily
    /// @param lastTry the end of the last attempt, or [Instant#EPOCH]
    /// @param lastBounce when the last delay warning was made, or [Instant#EPOCH]
    /// @param status the last attempt's outcome as an enhanced status code
    /// @param errorLine the last attempt's text, one line of at most 1,024 characters; empty before
    ///   the first
    /// @param operator what the operator has decided about it
    public record State(
            int retry,
            Instant lastTry,
            Instant lastBounce,
            Esc status,
            String errorLine,
            Operator operator) {
        /// Longest kept [#errorLine].
        public static final int ERROR_LINE_MAX = 1024;

        /// Not tried yet.
        public static final State NEW =
                new State(0, Instant.EPOCH, Instant.EPOCH, new Esc(2, 0, 0), "", false);

        /// Cuts an over-long error line.
        public State {
            if (errorLine.length() > ERROR_LINE_MAX) {
                errorLine = errorLine.substring(0, ERROR_LINE_MAX);
            }
        }

        /// Without more time.
        public State(
                int retry,
                Instant lastTry,
                Instant lastBounce,
                Esc status,
                String errorLine,
                boolean suspended) {
            this(
                    retry,
                    lastTry,
                    lastBounce,
                    status,
                    errorLine,
                    new Operator(suspended, Duration.ZERO));
        }

        /// Whether the operator holds it.
        public boolean suspended() {
            return operator.suspended();
        }

        /// The same, held or released.
        public State withSuspended(boolean now) {
            return with(new Operator(now, operator.more()));
        }

        /// The same with so much more time.
        public State extended(Duration by) {
            return with(new Operator(operator.suspended(), operator.more().plus(by)));
        }

        private State with(Operator other) {
            return new State(retry, lastTry, lastBounce, status, errorLine, other);
        }
    }

    /// What the operator has decided about an envelope.
    ///
    /// @param suspended whether it is held
    /// @param more time beyond its ttl
    public record Operator(boolean suspended, Duration more) {}

    /// The message this envelope belongs to.
    public MsgId msgid() {
        return id.msgid();
    }

    /// How long after its creation it expires: its ttl and what the operator has added.
    public Duration lifetime() {
        return ttl.plus(state.operator().more());
    }

    /// When it expires.
    public Instant expiry() {
        return created.plus(lifetime());
    }

    /// The same envelope in another state.
    public Envelope with(State newState) {
        return new Envelope(id, origin, sender, rcpt, dest, target, dsn, created, ttl, newState);
    }

    /// The same envelope under another id.
    public Envelope withId(EvpId newId) {
        return new Envelope(newId, origin, sender, rcpt, dest, target, dsn, created, ttl, state);
    }

    /// `mda`, `mta` or `bounce`: the type column of `smtpctl show queue`.
    public DeliveryType type() {
        return switch (target) {
            case Target.Mda _ -> DeliveryType.MDA;
            case Target.Mta _ -> DeliveryType.MTA;
            case Target.Bounce _ -> DeliveryType.BOUNCE;
        };
    }

    /// All recipients of one message with the same destination go out together: the domain for a
    /// relay, the user for a local delivery, the original sender for a bounce; prefixed with what
    /// else tells them apart.
    public String destination() {
        return switch (target) {
            case Target.Mda mda -> mda.dispatcher() + "|" + mda.user();
            case Target.Mta mta -> mta.dispatcher() + "|" + dest.domainKey();
            case Target.Bounce bounce -> bounce.kind() + "|" + bounce.delay().toSeconds();
        };
    }
}
