package smtpd.lka.table;

import smtpd.core.conf.TableConf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

    /// Opens the tables of a configuration. One that cannot be opened answers "not now" until an
    /// update succeeds.
    ///
    /// @param configured the tables in order of declaration
    /// @param delimiter separates user and tag in mail addresses
    /// @param systemUsers the userbase of actions that name none
    public static Tables open(List<TableConf> configured, char delimiter, Table systemUsers) {
        Map<String, Table> byName = new LinkedHashMap<>();
        configured.forEach(conf -> byName.put(conf.name(), open(conf, delimiter)));
        return new Tables(byName, systemUsers);
    }

    /// The one place where a kind of table gets its backend.
    private static Table open(TableConf conf, char delimiter) {
        String name = conf.name();
        return switch (conf) {
            case TableConf.StaticList it ->
                    new MemoryTable(name, delimiter, () -> Entries.list(it.entries()));
            case TableConf.StaticMap it ->
                    new MemoryTable(name, delimiter, () -> Entries.mapping(it.entries()));
            case TableConf.FileTable it ->
                    new MemoryTable(name, delimiter, () -> read(Path.of(it.path())));
            case TableConf.DbTable it ->
                    new UnavailableTable(name, "no backend for db:" + it.path());
            case TableConf.BackendTable it ->
                    new UnavailableTable(name, "no backend for " + it.backend() + ":" + it.path());
        };
    }

    /// Bytes that are not UTF-8 are read as replacement characters: one stray byte in a comment
    /// must not cost the table.
    private static Entries read(Path path) throws IOException, TableText.Malformed {
        byte[] bytes = Files.readAllBytes(path);
        String text =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPLACE)
                        .onUnmappableCharacter(CodingErrorAction.REPLACE)
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
        return TableText.parse(text);
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
        for (Table table : byName.values()) {
            if (table instanceof UnavailableTable(String name, String reason)) {
                troubles.add("table " + name + ": " + reason);
            } else if (table instanceof MemoryTable memory && !memory.missing().isEmpty()) {
                troubles.add("table " + memory.name() + ": " + memory.missing());
            }
        }
        return troubles;
    }
}
