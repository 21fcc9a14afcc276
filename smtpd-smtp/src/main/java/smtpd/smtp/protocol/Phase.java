package smtpd.smtp.protocol;

/// Where a session stands between two commands. Forgetting is a constructor: a new phase holds only
/// what survives.
public sealed interface Phase {
    /// After the banner, or after anything that makes a session start again.
    record Greeted() implements Phase {}

    /// After HELO or EHLO, outside a transaction.
    ///
    /// @param hello how
    /// @param accepted messages accepted in this session so far
    record Identified(Hello hello, int accepted) implements Phase {
        /// The same after one more accepted message.
        public Identified oneMore() {
            return new Identified(hello, accepted + 1);
        }
    }

    /// Between MAIL and the end of its transaction.
    ///
    /// @param outside the phase the transaction began in and will end in
    /// @param tx the transaction
    record InTransaction(Identified outside, Transaction tx) implements Phase {}
}
