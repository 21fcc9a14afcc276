package smtpd.lka.table;

import smtpd.core.imsg.TableService;

/// A source of answers under a name. Thread-safe; may block while its backend answers.
///
/// Keys are folded to lower case before they are compared, except those of [TableService#AUTH],
/// which hold a password.
public interface Table {
    /// The name without brackets.
    String name();

    /// Whether it can be asked for that at all. Passwords are checked by few; whoever asks looks
    /// credentials up instead.
    default boolean offers(TableService service) {
        return service != TableService.AUTH;
    }

    /// Why it cannot answer at present, for the log; empty when it can.
    default String trouble() {
        return "";
    }

    /// The value under `key`.
    ///
    /// @param service how keys and entries are compared
    Answer lookup(TableService service, String key);

    /// Whether `key` has an entry.
    default Answer check(TableService service, String key) {
        return lookup(service, key);
    }

    /// The entries one after the other, beginning again after the last; "no" when there are none.
    Answer fetch(TableService service);

    /// Reads the table again from its source: the new content replaces the old one as a whole, or
    /// the old one stays.
    Update update();

    /// What became of [#update()].
    sealed interface Update {
        /// The table holds its source's present content.
        ///
        /// @param entries how many
        record Updated(int entries) implements Update {}

        /// The table holds what it held before.
        ///
        /// @param reason why
        record Kept(String reason) implements Update {}
    }
}
