package smtpd.lka.filter;

import smtpd.core.conf.FilterConf;
import smtpd.core.slice.FilterSlice;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The filters of the configuration, taken apart: each name's members, and the programs among them.
final class Programs {
    private final Map<String, FilterConf> byName = new LinkedHashMap<>();
    private final Map<String, FilterProgram> programs = new LinkedHashMap<>();

    Programs(FilterSlice slice) {
        slice.filters().forEach(filter -> byName.put(filter.name(), filter));
        Map<String, Set<Subsystem>> used = new LinkedHashMap<>();
        slice.incoming().forEach(name -> use(name, Subsystem.IN, used));
        slice.outgoing().forEach(name -> use(name, Subsystem.OUT, used));
        used.forEach((proc, where) -> {
            List<Subsystem> ordered = new ArrayList<>(where);
            ordered.sort(java.util.Comparator.naturalOrder());
            programs.put(proc, new FilterProgram(proc, ordered, patience(proc)));
        });
    }

    /// The shortest patience of the filters that are this program.
    private Duration patience(String proc) {
        Duration shortest = FilterConf.Trouble.TIMEOUT;
        for (FilterConf filter : byName.values()) {
            if (filter instanceof FilterConf.Program it
                    && it.proc().equals(proc)
                    && it.trouble().timeout().compareTo(shortest) < 0) {
                shortest = it.trouble().timeout();
            }
        }
        return shortest;
    }

    private void use(String filter, Subsystem where, Map<String, Set<Subsystem>> used) {
        for (FilterConf member : members(filter)) {
            if (member instanceof FilterConf.Program it) {
                used.computeIfAbsent(it.proc(), _ -> new LinkedHashSet<>()).add(where);
            }
        }
    }

    /// Whether there is a filter of that name.
    boolean has(String filter) {
        return byName.containsKey(filter);
    }

    /// The filters behind a name, none of them a chain.
    List<FilterConf> members(String filter) {
        FilterConf conf = byName.get(filter);
        if (conf == null) {
            return List.of();
        }
        if (conf instanceof FilterConf.Chain chain) {
            return chain.members().stream().flatMap(it -> members(it).stream()).toList();
        }
        return List.of(conf);
    }

    /// The program of a filter.
    FilterProgram of(FilterConf.Program filter) {
        return java.util.Objects.requireNonNull(programs.get(filter.proc()));
    }

    /// Every program by the name of its `proc`.
    Map<String, FilterProgram> all() {
        return programs;
    }
}
