package smtpd.filter;

import java.util.function.Supplier;

/// What a filter remembers of each session, or of each transaction: a key, and how the value of a
/// new one is made. [Session#state(State)] gives the value.
///
/// Values are used by the callbacks of their session alone, which never run at the same time, so
/// they need no lock. They are forgotten with their session or transaction.
///
/// @param <T> the value
public final class State<T> {
    private final Supplier<T> first;
    private final boolean ofTransaction;

    private State(Supplier<T> first, boolean ofTransaction) {
        this.first = first;
        this.ofTransaction = ofTransaction;
    }

    /// One value for each session.
    ///
    /// @param first makes it when it is wanted first
    public static <T> State<T> perSession(Supplier<T> first) {
        return new State<>(first, false);
    }

    /// One value for each transaction: from the question about MAIL until the message is taken,
    /// given up or reset.
    ///
    /// @param first makes it when it is wanted first
    public static <T> State<T> perTransaction(Supplier<T> first) {
        return new State<>(first, true);
    }

    /// A new value.
    public T fresh() {
        return first.get();
    }

    /// Whether it is forgotten with the transaction.
    public boolean isOfTransaction() {
        return ofTransaction;
    }
}
