package smtpd.queue.store;

/// Compresses content as it comes; for one thread at a time.
interface Press {
    /// Where compressed bytes go.
    interface Sink {
        void put(byte[] bytes, int offset, int length);
    }

    /// Takes content.
    void put(byte[] bytes, int offset, int length);

    /// The content is complete; nothing is asked afterwards.
    void end();

    /// The message is given up; nothing is asked afterwards.
    void release();
}
