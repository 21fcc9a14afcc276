package smtpd.lka.table;

import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The contract over a text file that is held in memory.
class FileTableContractTest extends TableContract {
    @TempDir private Path dir;

    private Path file() {
        return dir.resolve("table");
    }

    @Override
    protected void writePairs(Map<String, String> pairs) throws IOException {
        List<String> lines =
                pairs.entrySet().stream().map(e -> e.getKey() + "\t" + e.getValue()).toList();
        Files.write(file(), lines);
    }

    @Override
    protected void writeNames(List<String> names) throws IOException {
        Files.write(file(), names);
    }

    @Override
    protected void spoil() throws IOException {
        Files.deleteIfExists(file());
    }

    @Override
    protected Table open() {
        return MemoryTable.ofFile("t", '+', file());
    }
}
