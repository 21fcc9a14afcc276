package smtpd.queue.store;

import smtpd.core.mail.Bytes;
import smtpd.queue.seal.Roster;

import java.io.IOException;

/// What somebody outside of the storage has seen of a sealed queue: which [Roster] it has, and the
/// highest number of one whose change was answered Done.
///
/// A change that was answered is durable, so what was seen is a lower bound of what is there, and
/// one that comes late is a lower one: it never says more than is so.
public interface Witness {
    /// Nobody looks.
    Witness NONE =
            new Witness() {
                @Override
                public Seen seen() {
                    return new Seen.Nothing();
                }

                @Override
                public String store() {
                    return "";
                }

                @Override
                public void forget() {}

                @Override
                public void begin(Bytes roster) {}

                @Override
                public void saw(long number) {}

                @Override
                public void close() {}
            };

    /// What was seen by the end of the last run.
    sealed interface Seen {
        /// Nobody has looked.
        record Nothing() implements Seen {}

        /// The witness is new.
        record New() implements Seen {}

        /// Nobody knows.
        ///
        /// @param why what became of the witness
        record Unknown(String why) implements Seen {}

        /// The latest of a roster.
        ///
        /// @param roster which, as [Roster#id()] says
        /// @param number the highest number of it that was answered; 0 if none was
        /// @param store the name of the store it was in
        record Latest(Bytes roster, long number, String store) implements Seen {
            /// Whether it is of that roster.
            boolean isOf(Roster other) {
                return roster.equals(other.id());
            }
        }
    }

    /// What was seen before this run.
    Seen seen();

    /// The name of the store that it sees now.
    String store();

    /// The queue has no roster from now on. Throws [IOException] when that cannot be kept.
    void forget() throws IOException;

    /// The queue is about to get another roster, of which nothing was answered yet; durable when it
    /// returns. Throws [IOException] when that cannot be kept.
    void begin(Bytes roster) throws IOException;

    /// A change that took the roster along under this number was answered Done. Does not wait.
    void saw(long number);

    /// Nothing is seen any more; keeps what was seen.
    void close();
}
