package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The macros of one configuration: those of the command line beat those of the files, and a later
/// assignment beats an earlier one.
final class Macros {
    private final Map<String, String> fixed;
    private final Map<String, Written> written = new LinkedHashMap<>();

    private record Written(String value, Location where, boolean used) {}

    Macros(Map<String, String> fixed) {
        this.fixed = new LinkedHashMap<>(fixed);
    }

    void set(String name, String value, Location where) {
        written.put(name, new Written(value, where, false));
    }

    /// The value of a macro, null when it is not defined.
    @Nullable String use(String name) {
        Written own = written.get(name);
        if (own != null) {
            written.put(name, new Written(own.value, own.where, true));
        }
        String beating = fixed.get(name);
        if (beating != null) {
            return beating;
        }
        return own == null ? null : own.value;
    }

    List<String> names() {
        List<String> names = new ArrayList<>(fixed.keySet());
        names.addAll(written.keySet());
        return names;
    }

    void warnUnused(List<ConfWarning> warnings) {
        written.forEach((name, macro) -> {
            if (!macro.used) {
                warnings.add(new ConfWarning(macro.where, "macro '" + name + "' is not used"));
            }
        });
    }
}
