package smtpd.lka.table;

import smtpd.core.imsg.TableService;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A table whose content is held in memory: written in the configuration, or read from a text file.
///
/// A question sees one content from begin to end; [#update()] replaces it as a whole.
public final class MemoryTable implements Table {
    private final String name;
    private final char delimiter;
    private final Source source;
    private final AtomicInteger turn = new AtomicInteger();
    private volatile Content content;

    /// Where the content comes from.
    @FunctionalInterface
    public interface Source {
        /// The present content; throws [TableText.Malformed] or [java.io.IOException] saying why
        /// there is none.
        Entries read() throws TableText.Malformed, java.io.IOException;
    }

    private record Content(Entries entries, List<String> inTurn, String missing) {
        static Content of(Entries entries) {
            return new Content(entries, new ArrayList<>(entries.inTurn()), "");
        }

        static Content none(String reason) {
            return new Content(Entries.list(List.of()), List.of(), reason);
        }
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
        content = Content.none("never read");
        if (update() instanceof Update.Kept(String reason)) {
            content = Content.none(reason);
        }
    }

    @Override
    public String name() {
        return name;
    }

    /// Why there is no content at all, or empty.
    public String missing() {
        return content.missing();
    }

    @Override
    public Answer lookup(TableService service, String key) {
        Content now = content;
        if (!now.missing().isEmpty()) {
            return new Answer.Tempfail("table " + name + ": " + now.missing());
        }
        Entries entries = now.entries();
        return switch (service) {
            case DOMAIN -> entries.domain(key);
            case NETADDR, ADDRNAME -> entries.network(key);
            case MAILADDR -> entries.mailAddr(key, delimiter);
            case REGEX -> entries.regex(key);
            case RELAYHOST -> entries.domain(key);
            case ALIAS, CREDENTIALS, USERINFO, SOURCE, MAILADDRMAP, STRING -> entries.exact(key);
            case AUTH -> new Answer.Tempfail("table " + name + " checks no passwords");
        };
    }

    @Override
    public Answer fetch(TableService service) {
        Content now = content;
        if (!now.missing().isEmpty()) {
            return new Answer.Tempfail("table " + name + ": " + now.missing());
        }
        if (now.inTurn().isEmpty()) {
            return Answer.NOT_FOUND;
        }
        int index = Math.floorMod(turn.getAndIncrement(), now.inTurn().size());
        return new Answer.Found(now.inTurn().get(index));
    }

    @Override
    public Update update() {
        try {
            Entries entries = source.read();
            content = Content.of(entries);
            return new Update.Updated(entries.size());
        } catch (TableText.Malformed e) {
            return new Update.Kept(String.valueOf(e.getMessage()));
        } catch (java.io.IOException e) {
            return new Update.Kept(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }
}
