package smtpd.queue.tool;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.ConfParser;
import smtpd.core.conf.ConfResult;
import smtpd.core.conf.Config;
import smtpd.core.conf.HostEnvironment;
import smtpd.core.conf.OfflineEnvironment;
import smtpd.core.conf.QueueOptions;
import smtpd.core.key.KeySources;
import smtpd.core.proc.Paths;
import smtpd.core.slice.QueueSlice;
import smtpd.queue.Stores;
import smtpd.queue.store.RecordStore;
import smtpd.queue.store.Store;
import smtpd.queue.store.StoreNotice;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/// `smtpctl queue copy FROM TO` and `smtpctl queue import DIRECTORY [KEYFILE]`, on the spool of a
/// stopped daemon.
public final class Main {
    private static final String USAGE =
            "usage: smtpctl queue copy FROM TO\n"
                    + "       smtpctl queue import [-f file] DIRECTORY [KEYFILE]\n"
                    + "stores: "
                    + String.join(", ", QueueOptions.BACKENDS.subList(0, 3));

    private final PrintStream out;
    private final PrintStream err;
    private final Paths paths;

    Main(PrintStream out, PrintStream err, Paths paths) {
        this.out = out;
        this.err = err;
        this.paths = paths;
    }

    /// Exit status 0; 1 when something could not be taken; 2 for a wrong call.
    public static void main(String[] args) {
        Deque<String> words = new ArrayDeque<>(List.of(args));
        Paths paths = Paths.of(System.getenv());
        if ("--prefix".equals(words.peek()) && words.size() > 1) {
            words.remove();
            paths = Paths.below(Path.of(words.remove()));
        }
        System.exit(new Main(System.out, System.err, paths).run(words));
    }

    int run(Deque<String> words) {
        try {
            String verb = words.isEmpty() ? "" : words.remove();
            if (verb.equals("copy") && words.size() == 2) {
                return copy(words.remove(), words.remove());
            }
            if (verb.equals("import") && !words.isEmpty()) {
                return importSpool(words);
            }
            err.println(USAGE);
            return 2;
        } catch (IOException e) {
            err.println("smtpctl: " + e.getMessage());
            return 1;
        }
    }

    private void notice(StoreNotice notice) {
        err.println("smtpctl: " + notice.text());
    }

    /// Both stores lie in the same spool, and one lock keeps a daemon from both.
    private int copy(String from, String to) throws IOException {
        if (from.equals(to)) {
            throw new IOException("both stores are the same");
        }
        try (RecordStore source = Stores.records(from, paths.spool(), this::notice);
                RecordStore target = Stores.beside(to, paths.spool(), this::notice)) {
            QueueCopy copy = new QueueCopy(source, target, text -> err.println("smtpctl: " + text));
            copy.run();
            out.println(
                    copy.copied() + (copy.copied() == 1 ? " message" : " messages") + " copied");
            return copy.damaged() == 0 ? 0 : 1;
        }
    }

    private int importSpool(Deque<String> words) throws IOException {
        Path file = paths.config();
        if (words.peek().equals("-f") && words.size() > 2) {
            words.remove();
            file = Path.of(words.remove());
        }
        Path spool = Path.of(words.remove());
        byte @Nullable [] key = words.isEmpty() ? null : key(Path.of(words.remove()));
        // a witness that was not there saw less, which is no harm
        QueueOptions options = options(file).withoutWitness();
        QueueSlice slice =
                new QueueSlice(
                        "",
                        paths.spool().toString(),
                        options,
                        new KeySources(System.in).read(options.keys()),
                        List.of(),
                        List.of(),
                        Long.MAX_VALUE);
        try (Store store = Stores.open(slice, this::notice)) {
            QueueImport it =
                    new QueueImport(
                            new OldSpool(key),
                            store,
                            new SecureRandom(),
                            text -> err.println("smtpctl: " + text));
            it.run(spool);
            out.println(it.messages() + " messages, " + it.envelopes() + " envelopes imported");
            return it.unreadable() == 0 ? 0 : 1;
        }
    }

    private static byte[] key(Path file) throws IOException {
        byte[] key = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
        if (key.length != 32) {
            throw new IOException(file + ": an OpenSMTPD queue key has 32 characters");
        }
        return key;
    }

    private static QueueOptions options(Path file) throws IOException {
        String text = HostEnvironment.decode(Files.readAllBytes(file));
        ConfResult result =
                ConfParser.parse(
                        file.toString(), text, Map.of(), new OfflineEnvironment("localhost"));
        Config config = result.config();
        if (config == null) {
            throw new IOException(file + " has errors: smtpd -n shows them");
        }
        return config.settings().queue();
    }
}
