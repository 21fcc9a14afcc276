package smtpd.lka.table;

import java.io.IOException;

/// Where the entries of a table are: keys in lower case, each with a value or all without, in an
/// order. An entry is known by its place, a number without meaning to anybody else; -1 is none.
interface EntrySource extends AutoCloseable {
    /// How many.
    int size();

    /// Whether entries have values of their own.
    boolean isMapping();

    /// The place of a key; -1 if there is none.
    long find(String key) throws IOException;

    /// The key at a place.
    String key(long place) throws IOException;

    /// The value at a place; the entry as written in a list.
    String value(long place) throws IOException;

    /// The first place at or behind one; begins at 0; -1 behind the last.
    long firstFrom(long place) throws IOException;

    /// The place behind one, which need not be that of an entry.
    long behind(long place) throws IOException;

    /// Visits all entries in order.
    void walk(Visitor visitor) throws IOException;

    @Override
    default void close() throws IOException {}

    /// Takes the entries of a walk.
    @FunctionalInterface
    interface Visitor {
        void visit(long place, String key) throws IOException;
    }
}
