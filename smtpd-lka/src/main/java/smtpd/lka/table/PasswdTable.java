package smtpd.lka.table;

import smtpd.core.imsg.TableService;
import smtpd.core.table.PasswdFile;
import smtpd.core.table.TableText;

import java.io.IOException;
import java.nio.file.Path;

/// A file in the form of passwd(5), as Dovecot reads it too: credentials and users.
///
/// A `#` begins a comment wherever it stands (OpenSMTPD: table-passwd). An entry whose fields are
/// not enough for what is asked is "not now", as a mistake of whoever wrote it.
final class PasswdTable implements Table {
    private final MemoryTable lines;

    PasswdTable(String name, char delimiter, Path file) {
        lines = new MemoryTable(name, delimiter, () -> read(file));
    }

    private static Entries read(Path file) throws IOException, TableText.Malformed {
        PackedEntries.Builder builder = new PackedEntries.Builder();
        PasswdFile.read(file, builder::add);
        return new Entries(builder.build(true));
    }

    @Override
    public String name() {
        return lines.name();
    }

    @Override
    public String trouble() {
        return lines.trouble();
    }

    @Override
    public boolean offers(TableService service) {
        return service == TableService.CREDENTIALS || service == TableService.USERINFO;
    }

    @Override
    public Answer lookup(TableService service, String key) {
        if (!offers(service)) {
            return new Answer.Tempfail("table " + name() + " holds users and credentials only");
        }
        return switch (lines.lookup(service, key)) {
            case Answer.Found(String rest) -> {
                String user = TableText.fold(key);
                String value =
                        service == TableService.USERINFO
                                ? PasswdLine.userinfo(rest)
                                : PasswdLine.credentials(user, rest);
                yield value == null
                        ? new Answer.Tempfail(
                                "table " + name() + ": the entry of " + user + " is incomplete")
                        : new Answer.Found(value);
            }
            case Answer.NotFound no -> no;
            case Answer.Tempfail notNow -> notNow;
        };
    }

    @Override
    public Answer fetch(TableService service) {
        return new Answer.Tempfail("table " + name() + " cannot be listed");
    }

    @Override
    public Update update() {
        return lines.update();
    }
}
