package smtpd.core.imsg;

/// The frame around every message: a header of 16 bytes, big-endian, then the payload.
///
/// `length` (4, of the payload) · `type` (2) · `flags` (2) · `id` (8)
public final class Frame {
    /// Bytes of the header.
    public static final int HEADER = 16;

    /// Largest payload: a batch of envelopes or a configuration slice must fit, a flood must not.
    public static final int PAYLOAD_MAX = 4 * 1024 * 1024;

    /// Flag: this frame answers the request with the same id.
    public static final int ANSWER = 1;

    /// Flag: one file descriptor travels with this frame.
    public static final int WITH_FD = 2;

    private Frame() {}

    /// Appends a whole frame to `out`, or nothing.
    ///
    /// @throws IllegalArgumentException if it would be larger than a frame may be
    public static <M> void encode(Codec<M> codec, long id, int flags, M message, FrameOut out) {
        int start = out.length();
        out.u32(0);
        out.u16(codec.type(message));
        out.u16(flags);
        out.i64(id);
        codec.write(message, out);
        int payload = out.length() - start - HEADER;
        if (payload > PAYLOAD_MAX) {
            out.truncate(start);
            throw new IllegalArgumentException(
                    "frame of " + payload + " bytes: " + message.getClass());
        }
        out.patchU32(start, payload);
    }

    /// Decodes one payload, which must be consumed exactly.
    public static <M> M decode(Codec<M> codec, int type, FrameIn in) {
        M message = codec.read(type, in);
        in.end();
        return message;
    }
}
