package smtpd.queue.store;

/// Content that cannot be read.
///
/// @param size its size, as far as it is known
/// @param why what is said instead of it
record NoContent(long size, Refused why) implements Content {
    @Override
    public Piece next() {
        return why;
    }

    @Override
    public void close() {}
}
