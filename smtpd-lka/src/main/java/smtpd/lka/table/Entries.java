package smtpd.lka.table;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.TableService;
import smtpd.core.mail.MailAddr;
import smtpd.core.table.DbFile;
import smtpd.core.table.TableText;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Collection;
import java.util.Map;

/// The content of a table: an ordered list of keys, each with a value or all without, wherever they
/// are held, and the ways to compare them.
///
/// Keys are in lower case, a later key replaces an earlier one. Each kind of lookup has its index,
/// built when it is first used, so that exact entries cost one hash whatever the table's size and
/// only wildcards, regular expressions and networks of different sizes are walked.
public final class Entries implements AutoCloseable {
    private final EntrySource source;
    private @Nullable Patterns patterns;
    private @Nullable NetIndex networks;
    private @Nullable RegexIndex regexes;
    private long turn;

    Entries(EntrySource source) {
        this.source = source;
    }

    /// A list: the value of each entry is the entry as written.
    ///
    /// @throws IOException if that is too much for the memory there is
    public static Entries list(Collection<String> entries) throws IOException {
        PackedEntries.Builder builder = new PackedEntries.Builder();
        for (String entry : entries) {
            builder.add(entry, "");
        }
        return new Entries(builder.build(false));
    }

    /// Keys and values.
    ///
    /// @throws IOException if that is too much for the memory there is
    public static Entries mapping(Map<String, String> entries) throws IOException {
        PackedEntries.Builder builder = new PackedEntries.Builder();
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            builder.add(entry.getKey(), entry.getValue());
        }
        return new Entries(builder.build(true));
    }

    /// The entries of a text, in memory.
    ///
    /// @throws TableText.Malformed naming the first line that is no entry
    /// @throws IOException if it cannot be read, or is too much for the memory there is
    public static Entries read(InputStream text) throws IOException, TableText.Malformed {
        PackedEntries.Builder builder = new PackedEntries.Builder();
        TableText.Kind kind = TableText.read(text, builder::add);
        return new Entries(builder.build(kind == TableText.Kind.MAPPING));
    }

    /// The entries of a file of makemap(8), which stays open until [#close()].
    static Entries of(DbFile file) {
        return new Entries(new DbSource(file));
    }

    /// How many.
    public int size() {
        return source.size();
    }

    /// Whether entries have values of their own.
    public boolean isMapping() {
        return source.isMapping();
    }

    /// The answer to a lookup.
    ///
    /// @param service how keys and entries are compared
    /// @param delimiter separates user and tag in mail addresses
    Answer answer(TableService service, String key, char delimiter) {
        try {
            return switch (service) {
                case DOMAIN, RELAYHOST -> domain(key);
                case NETADDR, ADDRNAME -> network(key);
                case MAILADDR -> mailAddr(key, delimiter);
                case REGEX -> regex(key);
                case ALIAS, CREDENTIALS, USERINFO, SOURCE, MAILADDRMAP, STRING -> exact(key);
                case AUTH -> new Answer.Tempfail("it checks no passwords");
            };
        } catch (IOException e) {
            return new Answer.Tempfail(why(e));
        }
    }

    /// Why a file cannot be read, in words for an administrator.
    static String why(IOException e) {
        return switch (e) {
            case NoSuchFileException it -> it.getFile() + ": no such file";
            case AccessDeniedException it -> it.getFile() + ": permission denied";
            case DbFile.Unusable it -> String.valueOf(it.getMessage());
            default -> e.getClass().getSimpleName() + ": " + e.getMessage();
        };
    }

    private Answer at(long place) throws IOException {
        return place < 0 ? Answer.NOT_FOUND : new Answer.Found(source.value(place));
    }

    /// The entry equal to `key`.
    Answer exact(String key) throws IOException {
        return at(source.find(TableText.fold(key)));
    }

    /// The first entry that fits a domain.
    private Answer domain(String key) throws IOException {
        String domain = TableText.fold(key);
        long place = domain.indexOf('*') < 0 ? source.find(domain) : -1;
        return at(place >= 0 ? place : patterns().first(pattern -> Wildcard.fits(domain, pattern)));
    }

    /// The narrowest network a literal address lies in, or the entry equal to `key`.
    private Answer network(String key) throws IOException {
        long same = source.find(TableText.fold(key));
        return at(same >= 0 ? same : networks().find(key));
    }

    /// The first entry that fits a mail address.
    private Answer mailAddr(String key, char delimiter) throws IOException {
        MailAddr address = MailAddr.of(TableText.fold(key));
        for (String candidate : MailAddrKeys.of(address, delimiter)) {
            long place = source.find(candidate);
            if (place >= 0 && MailAddrPattern.of(candidate).fits(address, delimiter)) {
                return at(place);
            }
        }
        return at(
                patterns().first(pattern -> MailAddrPattern.of(pattern).fits(address, delimiter)));
    }

    /// The first regular expression found in `key`; "not now" when one of them is none.
    private Answer regex(String key) throws IOException {
        RegexIndex index = regexes();
        if (!index.broken().isEmpty()) {
            return new Answer.Tempfail("not a regular expression: " + index.broken());
        }
        try {
            return at(index.find(key));
        } catch (RegexIndex.Exhausted e) {
            return new Answer.Tempfail(String.valueOf(e.getMessage()));
        }
    }

    /// What a round over the table yields next: the entries of a list as written, the keys of a
    /// mapping.
    synchronized Answer next() {
        try {
            long place = source.firstFrom(turn);
            if (place < 0) {
                place = source.firstFrom(0);
            }
            if (place < 0) {
                return Answer.NOT_FOUND;
            }
            turn = source.behind(place);
            return new Answer.Found(isMapping() ? source.key(place) : source.value(place));
        } catch (IOException e) {
            return new Answer.Tempfail(why(e));
        }
    }

    private synchronized Patterns patterns() throws IOException {
        if (patterns == null) {
            patterns = new Patterns(source);
        }
        return patterns;
    }

    private synchronized NetIndex networks() throws IOException {
        if (networks == null) {
            networks = new NetIndex(source);
        }
        return networks;
    }

    private synchronized RegexIndex regexes() throws IOException {
        if (regexes == null) {
            regexes = new RegexIndex(source);
        }
        return regexes;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
