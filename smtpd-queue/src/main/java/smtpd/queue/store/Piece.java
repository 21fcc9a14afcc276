package smtpd.queue.store;

import smtpd.core.mail.Bytes;

/// One step of reading a message's content. A reader that has not seen [End] has not seen the
/// message: content that turns out damaged half way ends in [Refused].
public sealed interface Piece permits Piece.Chunk, Piece.End, Refused {
    /// The next bytes, at most [Store#CHUNK_MAX] of them.
    ///
    /// @param bytes the bytes; never empty
    record Chunk(Bytes bytes) implements Piece {}

    /// All content was read, and its size and checksum are those that were committed.
    record End() implements Piece {}

    /// The one [End].
    End END = new End();
}
