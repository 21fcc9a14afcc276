package smtpd.queue.store;

/// A message's content being read from its beginning to its end, by one thread at a time.
public interface Content extends AutoCloseable {
    /// The size that was committed, in bytes.
    long size();

    /// The next piece; after [Piece.End] or [Refused] the same again.
    Piece next();

    /// Ends reading.
    @Override
    void close();
}
