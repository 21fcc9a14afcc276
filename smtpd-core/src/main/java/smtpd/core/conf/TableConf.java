package smtpd.core.conf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A table as declared (`table NAME …`) or written in place of one.
public sealed interface TableConf {
    /// Its name without brackets, `<OWNER OPTION>` for one written in place.
    String name();

    /// Whether it was written in place, without a name.
    default boolean anonymous() {
        return name().startsWith("<");
    }

    /// Entries written in the configuration: `{ a, b }`.
    record StaticList(String name, List<String> entries) implements TableConf {
        public StaticList {
            entries = List.copyOf(entries);
        }
    }

    /// Keys and values written in the configuration: `{ a = b, c = d }`; a later key replaces an
    /// earlier one.
    record StaticMap(String name, Map<String, String> entries) implements TableConf {
        public StaticMap {
            entries = Ordered.copy(new LinkedHashMap<>(entries));
        }

        /// Everything but the values: they may be passwords.
        @Override
        public String toString() {
            return "table " + name + " " + entries.keySet();
        }
    }

    /// A text file, lists or keys and values (`FILE` or `file:FILE`).
    record FileTable(String name, String path) implements TableConf {}

    /// A file made by makemap(8) (`db:FILE`).
    record DbTable(String name, String path) implements TableConf {}

    /// A table program or a built-in backend of that name (`BACKEND:FILE`).
    record BackendTable(String name, String backend, String path) implements TableConf {}
}
