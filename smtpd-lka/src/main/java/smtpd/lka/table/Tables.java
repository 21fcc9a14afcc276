package smtpd.lka.table;

import smtpd.core.conf.TableConf;
import smtpd.lka.table.proc.ProgramStarter;
import smtpd.lka.table.proc.ProgramTable;
import smtpd.lka.table.sqlite.SqliteTable;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Every table of the configuration by name, and the users of the system.
public final class Tables {
    private final Map<String, Table> byName;
    private final Table systemUsers;

    /// @param byName tables by name
    /// @param systemUsers the userbase of actions that name none
    public Tables(Map<String, Table> byName, Table systemUsers) {
        this.byName = new LinkedHashMap<>(byName);
        this.systemUsers = systemUsers;
    }

    /// What backends need besides a file.
    ///
    /// @param delimiter separates user and tag in mail addresses
    /// @param systemUsers the users of the system, also by the name `getpwnam`
    /// @param complaints told of what happens to a table between two questions
    /// @param programs starts programs
    /// @param clock the time
    public record Needs(
            char delimiter,
            Table systemUsers,
            Consumer<String> complaints,
            ProgramStarter programs,
            InstantSource clock) {}

    /// Opens the tables of a configuration. One that cannot be opened answers "not now" until an
    /// update succeeds.
    ///
    /// @param configured the tables in order of declaration
    /// @param needs what backends need
    public static Tables open(List<TableConf> configured, Needs needs) {
        Map<String, Table> byName = new LinkedHashMap<>();
        configured.forEach(conf -> byName.put(conf.name(), open(conf, needs)));
        return new Tables(byName, needs.systemUsers());
    }

    /// The one place where a kind of table gets its backend.
    private static Table open(TableConf conf, Needs needs) {
        String name = conf.name();
        char delimiter = needs.delimiter();
        return switch (conf) {
            case TableConf.StaticList it ->
                    new MemoryTable(name, delimiter, () -> Entries.list(it.entries()));
            case TableConf.StaticMap it ->
                    new MemoryTable(name, delimiter, () -> Entries.mapping(it.entries()));
            case TableConf.FileTable it -> MemoryTable.ofFile(name, delimiter, Path.of(it.path()));
            case TableConf.DbTable it ->
                    new DbTable(name, delimiter, Path.of(it.path()), needs.complaints());
            case TableConf.BackendTable it -> backend(it, needs);
        };
    }

    private static Table backend(TableConf.BackendTable conf, Needs needs) {
        return switch (conf.backend()) {
            case "getpwnam" -> needs.systemUsers();
            case "passwd" -> new PasswdTable(conf.name(), needs.delimiter(), Path.of(conf.path()));
            case "sqlite" ->
                    new SqliteTable(
                            conf.name(), Path.of(conf.path()), needs.clock(), needs.complaints());
            default ->
                    ProgramTable.isName(conf.name())
                            ? new ProgramTable(
                                    conf.name(),
                                    needs.programs(),
                                    needs.clock(),
                                    needs.complaints())
                            : new UnavailableTable(
                                    conf.name(), "its name cannot be told to a program");
        };
    }

    /// The table of that name; one that answers "not now" when there is none.
    public Table find(String name) {
        Table table = byName.get(name);
        return table == null ? new UnavailableTable(name, "not configured") : table;
    }

    /// The userbase of that name; the system's users for the empty name.
    public Table userbase(String name) {
        return name.isEmpty() ? systemUsers : find(name);
    }

    /// What is wrong with tables now, one line each, in order of declaration.
    public List<String> troubles() {
        List<String> troubles = new ArrayList<>();
        byName.forEach((name, table) -> {
            if (!table.trouble().isEmpty()) {
                troubles.add("table " + name + ": " + table.trouble());
            }
        });
        return troubles;
    }
}
