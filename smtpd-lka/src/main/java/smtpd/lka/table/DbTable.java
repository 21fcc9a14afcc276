package smtpd.lka.table;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.TableService;
import smtpd.core.table.DbFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.function.Consumer;

/// A table that is a file of makemap(8). Nothing of it is held in memory but what its wildcards and
/// networks need.
///
/// Before each question the file is looked at; a changed one is opened (OpenSMTPD: the same). If
/// the fresh file cannot be used the former one goes on answering, unless it is the same file,
/// written over: then the answer is "not now".
final class DbTable implements Table {
    private final String name;
    private final char delimiter;
    private final Path path;
    private final Consumer<String> complaints;
    private volatile State state = new State(null, Stamp.NONE, "never read");

    /// What tells whether a file is the one we opened.
    private record Stamp(FileTime changed, long size, String file) {
        static final Stamp NONE = new Stamp(FileTime.fromMillis(0), -1, "");

        static Stamp of(Path path) throws IOException {
            BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(
                    found.lastModifiedTime(), found.size(), String.valueOf(found.fileKey()));
        }
    }

    /// @param entries the open file, or null
    /// @param seen the file that was last looked at, usable or not
    /// @param trouble why that one could not be used, or empty
    private record State(@Nullable Entries entries, Stamp seen, String trouble) {}

    /// @param complaints told when a changed file cannot be used
    DbTable(String name, char delimiter, Path path, Consumer<String> complaints) {
        this.name = name;
        this.delimiter = delimiter;
        this.path = path;
        this.complaints = complaints;
        open();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String trouble() {
        return state.entries() == null ? state.trouble() : "";
    }

    @Override
    public Answer lookup(TableService service, String key) {
        State now = fresh();
        Entries entries = now.entries();
        return entries == null
                ? notNow(now.trouble())
                : named(entries.answer(service, key, delimiter));
    }

    @Override
    public Answer fetch(TableService service) {
        State now = fresh();
        Entries entries = now.entries();
        return entries == null ? notNow(now.trouble()) : named(entries.next());
    }

    private Answer named(Answer answer) {
        return answer instanceof Answer.Tempfail(String reason) ? notNow(reason) : answer;
    }

    private Answer notNow(String reason) {
        return new Answer.Tempfail("table " + name + ": " + reason);
    }

    /// The file as it is now.
    private State fresh() {
        State now = state;
        try {
            if (Stamp.of(path).equals(now.seen())) {
                return now;
            }
        } catch (IOException _) {
            // it is being replaced, or was removed: what is open still answers
            return now;
        }
        return open();
    }

    private synchronized State open() {
        State before = state;
        Stamp seen = Stamp.NONE;
        try {
            seen = Stamp.of(path);
            if (seen.equals(before.seen())) {
                return before;
            }
            state = new State(Entries.of(DbFile.open(path)), seen, "");
        } catch (IOException e) {
            String trouble = why(e);
            boolean sameFile = seen.file().equals(before.seen().file());
            state = new State(sameFile ? null : before.entries(), seen, trouble);
            complaints.accept("table " + name + ": " + trouble);
        }
        return state;
    }

    private String why(IOException e) {
        return e instanceof DbFile.Unusable ? path + ": " + e.getMessage() : Entries.why(e);
    }

    /// Opens the file again, if it has changed.
    @Override
    public synchronized Update update() {
        State now = open();
        Entries entries = now.entries();
        return entries == null || !now.trouble().isEmpty()
                ? new Update.Kept(now.trouble())
                : new Update.Updated(entries.size());
    }
}
