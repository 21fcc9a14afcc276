package smtpd.lka.table;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.TableService;
import smtpd.core.table.TableText;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A table whose content is held in memory: written in the configuration, or read from a text file.
///
/// A question sees one content from begin to end; [#update()] replaces it as a whole.
public final class MemoryTable implements Table {
    /// Tables are read one after the other, so that only one of them is in memory twice.
    private static final Object ONE_AT_A_TIME = new Object();

    private final String name;
    private final char delimiter;
    private final Source source;
    private volatile @Nullable Entries content;
    private volatile String missing = "never read";

    /// Where the content comes from.
    @FunctionalInterface
    public interface Source {
        /// The present content; throws [TableText.Malformed] or [IOException] saying why there is
        /// none.
        Entries read() throws TableText.Malformed, IOException;
    }

    /// Reads the table once. When that fails, every answer is "not now" until an update succeeds.
    ///
    /// @param name the table's name
    /// @param delimiter separates user and tag in mail addresses
    /// @param source where the content comes from
    public MemoryTable(String name, char delimiter, Source source) {
        this.name = name;
        this.delimiter = delimiter;
        this.source = source;
        if (update() instanceof Update.Kept(String reason)) {
            missing = reason;
        }
    }

    /// A table that is a text file.
    static MemoryTable ofFile(String name, char delimiter, Path file) {
        return new MemoryTable(
                name,
                delimiter,
                () -> {
                    try (InputStream in = Files.newInputStream(file)) {
                        return Entries.read(in);
                    }
                });
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String trouble() {
        return content == null ? missing : "";
    }

    @Override
    public Answer lookup(TableService service, String key) {
        Entries now = content;
        return now == null ? notNow(missing) : named(now.answer(service, key, delimiter));
    }

    @Override
    public Answer fetch(TableService service) {
        Entries now = content;
        return now == null ? notNow(missing) : named(now.next());
    }

    private Answer named(Answer answer) {
        return answer instanceof Answer.Tempfail(String reason) ? notNow(reason) : answer;
    }

    private Answer notNow(String reason) {
        return new Answer.Tempfail("table " + name + ": " + reason);
    }

    @Override
    public Update update() {
        synchronized (ONE_AT_A_TIME) {
            try {
                Entries entries = source.read();
                content = entries;
                return new Update.Updated(entries.size());
            } catch (TableText.Malformed e) {
                return new Update.Kept(String.valueOf(e.getMessage()));
            } catch (IOException e) {
                return new Update.Kept(Entries.why(e));
            }
        }
    }
}
