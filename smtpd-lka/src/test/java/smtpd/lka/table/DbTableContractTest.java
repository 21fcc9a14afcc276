package smtpd.lka.table;

import org.junit.jupiter.api.io.TempDir;

import smtpd.core.table.DbWriter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The contract over a file that `makemap` made.
class DbTableContractTest extends TableContract {
    @TempDir private Path dir;

    private Path file() {
        return dir.resolve("t.db");
    }

    private void write(boolean mapping, Map<String, String> pairs) throws IOException {
        try (DbWriter writer = new DbWriter(file(), dir.resolve("t.tmp"))) {
            for (Map.Entry<String, String> pair : pairs.entrySet()) {
                writer.entry(pair.getKey(), pair.getValue());
            }
            writer.finish(mapping);
        }
    }

    @Override
    protected void writePairs(Map<String, String> pairs) throws IOException {
        write(true, pairs);
    }

    @Override
    protected void writeNames(List<String> names) throws IOException {
        Map<String, String> pairs = new LinkedHashMap<>();
        names.forEach(name -> pairs.put(name, ""));
        write(false, pairs);
    }

    @Override
    protected void spoil() throws IOException {
        Files.writeString(file(), "no database");
    }

    @Override
    protected Table open() {
        return new DbTable("t", '+', file(), _ -> {});
    }
}
