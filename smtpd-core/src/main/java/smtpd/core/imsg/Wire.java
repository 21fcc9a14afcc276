package smtpd.core.imsg;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Envelope.BounceKind;
import smtpd.core.mail.Envelope.Cause;
import smtpd.core.mail.Envelope.Origin;
import smtpd.core.mail.Envelope.OriginFlags;
import smtpd.core.mail.Envelope.State;
import smtpd.core.mail.Envelope.Story;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Secret;
import smtpd.core.mail.SessionId;

import java.util.EnumSet;
import java.util.Set;

/// How the values of mail look inside a frame.
public final class Wire {
    private static final Dsn.Notify[] NOTIFY = Dsn.Notify.values();
    private static final Dsn.Ret[] RET = Dsn.Ret.values();
    private static final BounceKind[] BOUNCE_KIND = BounceKind.values();
    private static final Cause[] CAUSE = Cause.values();

    private Wire() {}

    /// Writes a set of choices, of at most 32.
    @SuppressWarnings("EnumOrdinal") // both ends are the same build
    static <E extends Enum<E>> void set(FrameOut out, Set<E> values) {
        int bits = 0;
        for (E value : values) {
            bits |= 1 << value.ordinal();
        }
        out.u32(bits);
    }

    /// Reads a set of choices.
    @SuppressWarnings("EnumOrdinal") // both ends are the same build
    static <E extends Enum<E>> Set<E> set(FrameIn in, Class<E> type) {
        int bits = in.u32();
        EnumSet<E> values = EnumSet.noneOf(type);
        for (E value : type.getEnumConstants()) {
            if ((bits & 1 << value.ordinal()) != 0) {
                values.add(value);
                bits &= ~(1 << value.ordinal());
            }
        }
        if (bits != 0) {
            throw new ImsgViolation("unknown choices in a set");
        }
        return values;
    }

    /// Writes a message id.
    public static void msgid(FrameOut out, MsgId id) {
        out.u32(id.value());
    }

    /// Reads a message id.
    public static MsgId msgid(FrameIn in) {
        int value = in.u32();
        return FrameIn.valid(() -> new MsgId(value));
    }

    /// Writes an envelope id.
    public static void evpid(FrameOut out, EvpId id) {
        out.i64(id.value());
    }

    /// Reads an envelope id.
    public static EvpId evpid(FrameIn in) {
        long value = in.i64();
        return FrameIn.valid(() -> new EvpId(value));
    }

    /// Writes a session id.
    public static void session(FrameOut out, SessionId id) {
        out.i64(id.value());
    }

    /// Reads a session id.
    public static SessionId session(FrameIn in) {
        return new SessionId(in.i64());
    }

    /// Writes a secret, which is read by its receiver and shown to nobody.
    public static void secret(FrameOut out, Secret secret) {
        out.text(secret.text());
    }

    /// Reads a secret.
    public static Secret secret(FrameIn in) {
        return new Secret(in.text());
    }

    /// Writes a mail address.
    public static void addr(FrameOut out, MailAddr addr) {
        out.text(addr.user()).text(addr.domain());
    }

    /// Reads a mail address.
    public static MailAddr addr(FrameIn in) {
        return new MailAddr(in.text(), in.text());
    }

    /// Writes an enhanced status code.
    public static void esc(FrameOut out, Esc esc) {
        out.u8(esc.status()).u16(esc.subject()).u16(esc.detail());
    }

    /// Reads an enhanced status code.
    public static Esc esc(FrameIn in) {
        int status = in.u8();
        int subject = in.u16();
        int detail = in.u16();
        return FrameIn.valid(() -> new Esc(status, subject, detail));
    }

    /// Writes report wishes.
    @SuppressWarnings("EnumOrdinal") // both ends are the same build
    public static void dsn(FrameOut out, Dsn dsn) {
        int bits = 0;
        for (Dsn.Notify notify : dsn.notifyOn()) {
            bits |= 1 << notify.ordinal();
        }
        out.u8(bits).choice(dsn.ret()).text(dsn.envid()).text(dsn.orcpt());
    }

    /// Reads report wishes.
    @SuppressWarnings("EnumOrdinal") // both ends are the same build
    public static Dsn dsn(FrameIn in) {
        int bits = in.u8();
        if (bits >= 1 << NOTIFY.length) {
            throw new ImsgViolation("unknown NOTIFY bits");
        }
        Set<Dsn.Notify> notifyOn = EnumSet.noneOf(Dsn.Notify.class);
        for (Dsn.Notify notify : NOTIFY) {
            if ((bits & 1 << notify.ordinal()) != 0) {
                notifyOn.add(notify);
            }
        }
        return new Dsn(notifyOn, in.choice(RET), in.text(), in.text());
    }

    /// Writes an origin.
    public static void origin(FrameOut out, Origin origin) {
        out.text(origin.tag()).text(origin.smtpName()).text(origin.helo());
        out.text(origin.hostName()).text(origin.address()).text(origin.userName());
        OriginFlags flags = origin.flags();
        out.bool(flags.authenticated()).bool(flags.internal());
        out.bool(flags.tls()).bool(flags.utf8());
    }

    /// Reads an origin.
    public static Origin origin(FrameIn in) {
        return new Origin(
                in.text(),
                in.text(),
                in.text(),
                in.text(),
                in.text(),
                in.text(),
                new OriginFlags(in.bool(), in.bool(), in.bool(), in.bool()));
    }

    /// Writes a target.
    public static void target(FrameOut out, Target target) {
        switch (target) {
            case Target.Mda mda -> {
                out.u8(0).text(mda.dispatcher()).text(mda.user());
                out.text(mda.exec()).text(mda.subaddress());
            }
            case Target.Mta mta -> out.u8(1).text(mta.dispatcher());
            case Target.Bounce bounce -> {
                out.u8(2).choice(bounce.kind()).duration(bounce.delay());
                story(out, bounce.story());
            }
        }
    }

    /// Reads a target.
    public static Target target(FrameIn in) {
        return switch (in.u8()) {
            case 0 -> new Target.Mda(in.text(), in.text(), in.text(), in.text());
            case 1 -> new Target.Mta(in.text());
            case 2 -> new Target.Bounce(in.choice(BOUNCE_KIND), in.duration(), story(in));
            default -> throw new ImsgViolation("unknown target");
        };
    }

    private static void story(FrameOut out, Story story) {
        out.choice(story.cause()).text(story.remote());
        out.instant(story.lastTry()).instant(story.before());
    }

    private static Story story(FrameIn in) {
        return new Story(in.choice(CAUSE), in.text(), in.instant(), in.instant());
    }

    /// Writes a delivery state.
    public static void state(FrameOut out, State state) {
        out.u32(state.retry()).instant(state.lastTry()).instant(state.lastBounce());
        esc(out, state.status());
        out.text(state.errorLine()).bool(state.suspended()).duration(state.operator().more());
    }

    /// Reads a delivery state.
    public static State state(FrameIn in) {
        return new State(
                in.u32(),
                in.instant(),
                in.instant(),
                esc(in),
                in.text(),
                new Envelope.Operator(in.bool(), in.duration()));
    }

    /// Writes an envelope.
    public static void envelope(FrameOut out, Envelope envelope) {
        evpid(out, envelope.id());
        origin(out, envelope.origin());
        addr(out, envelope.sender());
        addr(out, envelope.rcpt());
        addr(out, envelope.dest());
        target(out, envelope.target());
        dsn(out, envelope.dsn());
        out.instant(envelope.created()).duration(envelope.ttl());
        state(out, envelope.state());
    }

    /// Reads an envelope.
    public static Envelope envelope(FrameIn in) {
        return new Envelope(
                evpid(in),
                origin(in),
                addr(in),
                addr(in),
                addr(in),
                target(in),
                dsn(in),
                in.instant(),
                in.duration(),
                state(in));
    }
}
