package smtpd.core.imsg;

/// The wire form of one edge.
///
/// @param <M> the edge's sealed interface
public interface Codec<M> {
    /// The number of the message's type on this edge, 1 to 65,535.
    int type(M message);

    /// Writes the payload.
    void write(M message, FrameOut out);

    /// Reads a payload; throws [ImsgViolation] for an unknown type or malformed content.
    M read(int type, FrameIn in);
}
