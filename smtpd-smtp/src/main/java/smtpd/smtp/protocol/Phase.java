package smtpd.smtp.protocol;

import java.util.Optional;

/// Where a session stands between two commands. Forgetting is a constructor: a new phase holds only
/// what survives.
public sealed interface Phase {
    /// Whether PIPELINING (RFC 2920) and everything else was announced.
    boolean extended();

    /// Messages accepted in this session so far.
    int accepted();

    /// Whether the transaction was begun with SMTPUTF8 (RFC 6531 §3.4).
    default boolean utf8() {
        return false;
    }

    /// How the client introduced itself.
    Optional<Hello> greeting();

    /// The transaction that is open.
    default Optional<Transaction> transaction() {
        return Optional.empty();
    }

    /// The phase without its transaction, which is forgotten.
    Phase reset();

    /// After the banner, or after anything that makes a session start again.
    ///
    /// @param accepted messages accepted in this session so far
    record Greeted(int accepted) implements Phase {
        @Override
        public boolean extended() {
            return false;
        }

        @Override
        public Greeted reset() {
            return this;
        }

        @Override
        public Optional<Hello> greeting() {
            return Optional.empty();
        }
    }

    /// After HELO or EHLO, outside a transaction.
    ///
    /// @param hello how
    /// @param accepted messages accepted in this session so far
    record Identified(Hello hello, int accepted) implements Phase {
        /// The same after one more accepted message.
        public Identified oneMore() {
            return new Identified(hello, accepted + 1);
        }

        @Override
        public boolean extended() {
            return hello.extended();
        }

        @Override
        public Identified reset() {
            return this;
        }

        @Override
        public Optional<Hello> greeting() {
            return Optional.of(hello);
        }
    }

    /// Between MAIL and the end of its transaction.
    ///
    /// @param outside the phase the transaction began in and will end in
    /// @param tx the transaction
    record InTransaction(Identified outside, Transaction tx) implements Phase {
        @Override
        public boolean extended() {
            return outside.extended();
        }

        @Override
        public int accepted() {
            return outside.accepted();
        }

        @Override
        public boolean utf8() {
            return tx.params().smtpUtf8();
        }

        @Override
        public Identified reset() {
            tx.rollback();
            return outside;
        }

        @Override
        public Optional<Hello> greeting() {
            return outside.greeting();
        }

        @Override
        public Optional<Transaction> transaction() {
            return Optional.of(tx);
        }
    }

    /// Between two chunks of content (RFC 3030 §2).
    ///
    /// @param begun the transaction
    /// @param content what has come of it
    /// @param empty chunks without an octet so far
    record InChunks(InTransaction begun, Inflow content, int empty) implements Phase {
        @Override
        public boolean extended() {
            return begun.extended();
        }

        @Override
        public int accepted() {
            return begun.accepted();
        }

        @Override
        public Identified reset() {
            content.close();
            return begun.reset();
        }

        @Override
        public Optional<Hello> greeting() {
            return begun.greeting();
        }

        @Override
        public Optional<Transaction> transaction() {
            return begun.transaction();
        }
    }
}
