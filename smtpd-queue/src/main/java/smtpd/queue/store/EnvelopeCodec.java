package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/// Envelopes and their states as bytes on disk: versioned, strict, bounded.
///
/// All numbers are big-endian. A text is a 16-bit length and UTF-8 bytes. The id is not part of it:
/// it stands in the record. Golden bytes in the test keep the format from changing unnoticed.
final class EnvelopeCodec {
    /// The version written; 0 never is, so that zeroed bytes are no envelope.
    private static final int VERSION = 1;

    /// Longest text: room for a `|command` from a forward file (a line of it is at most 4 KB) and
    /// for an error line of 1,024 characters of 4 bytes.
    static final int TEXT_MAX = 8192;

    /// Room for most envelopes.
    private static final int USUAL = 512;

    private static final int TARGET_MDA = 1;
    private static final int TARGET_MTA = 2;

    /// A bounce as it was written before it had a story.
    private static final int TARGET_BOUNCE_PLAIN = 3;

    private static final int TARGET_BOUNCE = 4;

    private static final int AUTHENTICATED = 1;
    private static final int INTERNAL = 2;
    private static final int TLS = 4;

    /// Added after the others; versions before it take an envelope that has it for damaged.
    private static final int UTF8 = 8;

    private static final int SUSPENDED = 1;

    /// Added after the other, with a duration behind it; versions before it take an envelope that
    /// has it for damaged.
    private static final int EXTENDED = 2;

    private EnvelopeCodec() {}

    /// Writes an envelope with its state; throws [IllegalArgumentException] when a text is longer
    /// than [#TEXT_MAX] bytes.
    static void write(Envelope envelope, GrowBuffer out) {
        out.putByte(VERSION);
        writeOrigin(envelope.origin(), out);
        writeAddress(envelope.sender(), out);
        writeAddress(envelope.rcpt(), out);
        writeAddress(envelope.dest(), out);
        writeTarget(envelope.target(), out);
        writeDsn(envelope.dsn(), out);
        writeTime(envelope.created(), out);
        writeDuration(envelope.ttl(), out);
        writeState(envelope.state(), out);
    }

    /// An envelope with its state as bytes; throws [IllegalArgumentException] like [#write].
    static Bytes bytes(Envelope envelope) {
        GrowBuffer out = new GrowBuffer(USUAL, true);
        write(envelope, out);
        return out.bytes();
    }

    /// A state as bytes; throws [IllegalArgumentException] like [#write].
    static Bytes bytes(Envelope.State state) {
        GrowBuffer out = new GrowBuffer(USUAL, true);
        writeState(state, out);
        return out.bytes();
    }

    /// Writes a state.
    static void writeState(Envelope.State state, GrowBuffer out) {
        out.putByte(VERSION);
        out.putInt(state.retry());
        writeTime(state.lastTry(), out);
        writeTime(state.lastBounce(), out);
        out.putByte(state.status().status());
        out.putShort(state.status().subject());
        out.putShort(state.status().detail());
        text(state.errorLine(), out);
        Duration more = state.operator().more();
        out.putByte((state.suspended() ? SUSPENDED : 0) | (more.isZero() ? 0 : EXTENDED));
        if (!more.isZero()) {
            writeDuration(more, out);
        }
    }

    private static void writeOrigin(Envelope.Origin origin, GrowBuffer out) {
        text(origin.tag(), out);
        text(origin.smtpName(), out);
        text(origin.helo(), out);
        text(origin.hostName(), out);
        text(origin.address(), out);
        text(origin.userName(), out);
        Envelope.OriginFlags flags = origin.flags();
        out.putByte(
                (flags.authenticated() ? AUTHENTICATED : 0)
                        | (flags.internal() ? INTERNAL : 0)
                        | (flags.tls() ? TLS : 0)
                        | (flags.utf8() ? UTF8 : 0));
    }

    private static void writeAddress(MailAddr address, GrowBuffer out) {
        text(address.user(), out);
        text(address.domain(), out);
    }

    private static void writeTarget(Envelope.Target target, GrowBuffer out) {
        switch (target) {
            case Envelope.Target.Mda mda -> {
                out.putByte(TARGET_MDA);
                text(mda.dispatcher(), out);
                text(mda.user(), out);
                text(mda.exec(), out);
                text(mda.subaddress(), out);
            }
            case Envelope.Target.Mta mta -> {
                out.putByte(TARGET_MTA);
                text(mta.dispatcher(), out);
            }
            case Envelope.Target.Bounce bounce -> {
                out.putByte(TARGET_BOUNCE);
                out.putByte(code(bounce.kind()));
                writeDuration(bounce.delay(), out);
                writeStory(bounce.story(), out);
            }
        }
    }

    private static void writeStory(Envelope.Story story, GrowBuffer out) {
        out.putByte(code(story.cause()));
        text(story.remote(), out);
        writeTime(story.lastTry(), out);
        writeTime(story.before(), out);
    }

    private static void writeDsn(Dsn dsn, GrowBuffer out) {
        int wishes = 0;
        for (Dsn.Notify notify : dsn.notifyOn()) {
            wishes |= code(notify);
        }
        out.putByte(wishes);
        out.putByte(code(dsn.ret()));
        text(dsn.envid(), out);
        text(dsn.orcpt(), out);
    }

    private static void writeTime(Instant time, GrowBuffer out) {
        out.putLong(time.getEpochSecond());
        out.putInt(time.getNano());
    }

    private static void writeDuration(Duration duration, GrowBuffer out) {
        out.putLong(duration.getSeconds());
        out.putInt(duration.getNano());
    }

    private static void text(String text, GrowBuffer out) {
        out.putText(text, TEXT_MAX);
    }

    private static int code(Envelope.BounceKind kind) {
        return switch (kind) {
            case FAILED -> 1;
            case DELAYED -> 2;
            case DELIVERED -> 3;
            case RELAYED -> 4;
        };
    }

    private static int code(Envelope.Cause cause) {
        return switch (cause) {
            case REMOTE -> 1;
            case LOCAL -> 2;
            case EXPIRED -> 3;
        };
    }

    private static int code(Dsn.Notify notify) {
        return switch (notify) {
            case NEVER -> 1;
            case SUCCESS -> 2;
            case FAILURE -> 4;
            case DELAY -> 8;
        };
    }

    private static int code(Dsn.Ret ret) {
        return switch (ret) {
            case UNSPECIFIED -> 1;
            case FULL -> 2;
            case HDRS -> 3;
        };
    }

    /// Reads exactly one envelope with its state.
    static Envelope read(EvpId id, ByteBuffer in) throws CorruptException {
        try {
            version(in);
            Envelope envelope =
                    new Envelope(
                            id,
                            readOrigin(in),
                            readAddress(in),
                            readAddress(in),
                            readAddress(in),
                            readTarget(in),
                            readDsn(in),
                            readTime(in),
                            readDuration(in),
                            readStateFields(in));
            end(in);
            return envelope;
        } catch (BufferUnderflowException | IllegalArgumentException | DateTimeException e) {
            throw new CorruptException("envelope " + id + ": " + e);
        }
    }

    /// Reads exactly one state.
    static Envelope.State readState(ByteBuffer in) throws CorruptException {
        try {
            Envelope.State state = readStateFields(in);
            end(in);
            return state;
        } catch (BufferUnderflowException | IllegalArgumentException | DateTimeException e) {
            throw new CorruptException("envelope state: " + e);
        }
    }

    private static void version(ByteBuffer in) throws CorruptException {
        int version = in.get();
        if (version != VERSION) {
            throw new CorruptException("envelope format version " + version);
        }
    }

    private static void end(ByteBuffer in) throws CorruptException {
        if (in.hasRemaining()) {
            throw new CorruptException(in.remaining() + " bytes behind an envelope");
        }
    }

    private static Envelope.State readStateFields(ByteBuffer in) throws CorruptException {
        version(in);
        int retry = in.getInt();
        Instant lastTry = readTime(in);
        Instant lastBounce = readTime(in);
        Esc status = new Esc(in.get(), in.getShort(), in.getShort());
        String errorLine = text(in);
        return new Envelope.State(retry, lastTry, lastBounce, status, errorLine, readOperator(in));
    }

    private static Envelope.Operator readOperator(ByteBuffer in) throws CorruptException {
        int flags = in.get();
        if ((flags & ~(SUSPENDED | EXTENDED)) != 0) {
            throw new CorruptException("flags of the operator " + flags);
        }
        Duration more = (flags & EXTENDED) != 0 ? readDuration(in) : Duration.ZERO;
        return new Envelope.Operator((flags & SUSPENDED) != 0, more);
    }

    private static Envelope.Origin readOrigin(ByteBuffer in) throws CorruptException {
        String tag = text(in);
        String smtpName = text(in);
        String helo = text(in);
        String hostName = text(in);
        String address = text(in);
        String userName = text(in);
        int flags = in.get();
        if ((flags & ~(AUTHENTICATED | INTERNAL | TLS | UTF8)) != 0) {
            throw new CorruptException("origin flags " + flags);
        }
        return new Envelope.Origin(
                tag,
                smtpName,
                helo,
                hostName,
                address,
                userName,
                new Envelope.OriginFlags(
                        (flags & AUTHENTICATED) != 0,
                        (flags & INTERNAL) != 0,
                        (flags & TLS) != 0,
                        (flags & UTF8) != 0));
    }

    private static MailAddr readAddress(ByteBuffer in) throws CorruptException {
        String user = text(in);
        return new MailAddr(user, text(in));
    }

    private static Envelope.Target readTarget(ByteBuffer in) throws CorruptException {
        int kind = in.get();
        return switch (kind) {
            case TARGET_MDA -> new Envelope.Target.Mda(text(in), text(in), text(in), text(in));
            case TARGET_MTA -> new Envelope.Target.Mta(text(in));
            case TARGET_BOUNCE_PLAIN ->
                    new Envelope.Target.Bounce(bounceKind(in), readDuration(in));
            case TARGET_BOUNCE ->
                    new Envelope.Target.Bounce(bounceKind(in), readDuration(in), readStory(in));
            default -> throw new CorruptException("target " + kind);
        };
    }

    private static Envelope.BounceKind bounceKind(ByteBuffer in) throws CorruptException {
        int code = in.get();
        for (Envelope.BounceKind kind : Envelope.BounceKind.values()) {
            if (code(kind) == code) {
                return kind;
            }
        }
        throw new CorruptException("bounce kind " + code);
    }

    private static Envelope.Story readStory(ByteBuffer in) throws CorruptException {
        Envelope.Cause cause = cause(in.get());
        String remote = text(in);
        Instant lastTry = readTime(in);
        return new Envelope.Story(cause, remote, lastTry, readTime(in));
    }

    private static Envelope.Cause cause(int code) throws CorruptException {
        for (Envelope.Cause cause : Envelope.Cause.values()) {
            if (code(cause) == code) {
                return cause;
            }
        }
        throw new CorruptException("cause " + code);
    }

    private static Dsn readDsn(ByteBuffer in) throws CorruptException {
        int wishes = in.get();
        Set<Dsn.Notify> notifyOn = EnumSet.noneOf(Dsn.Notify.class);
        for (Dsn.Notify notify : Dsn.Notify.values()) {
            if ((wishes & code(notify)) != 0) {
                notifyOn.add(notify);
                wishes &= ~code(notify);
            }
        }
        if (wishes != 0) {
            throw new CorruptException("notify " + wishes);
        }
        Dsn.Ret ret = ret(in.get());
        String envid = text(in);
        return new Dsn(notifyOn, ret, envid, text(in));
    }

    private static Dsn.Ret ret(int code) throws CorruptException {
        for (Dsn.Ret ret : Dsn.Ret.values()) {
            if (code(ret) == code) {
                return ret;
            }
        }
        throw new CorruptException("ret " + code);
    }

    private static Instant readTime(ByteBuffer in) throws CorruptException {
        long seconds = in.getLong();
        return Instant.ofEpochSecond(seconds, nanos(in));
    }

    private static Duration readDuration(ByteBuffer in) throws CorruptException {
        long seconds = in.getLong();
        return Duration.ofSeconds(seconds, nanos(in));
    }

    private static int nanos(ByteBuffer in) throws CorruptException {
        int nanos = in.getInt();
        if (nanos < 0 || nanos > 999_999_999) {
            throw new CorruptException("nanoseconds " + nanos);
        }
        return nanos;
    }

    private static String text(ByteBuffer in) throws CorruptException {
        int length = in.getShort() & 0xffff;
        if (length > TEXT_MAX || length > in.remaining()) {
            throw new CorruptException("text of " + length + " bytes");
        }
        ByteBuffer bytes = in.slice(in.position(), length);
        in.position(in.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new CorruptException("text is not UTF-8: " + e);
        }
    }
}
