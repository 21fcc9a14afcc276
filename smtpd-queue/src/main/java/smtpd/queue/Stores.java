package smtpd.queue;

import smtpd.core.conf.QueueOptions;
import smtpd.core.fs.DiskFs;
import smtpd.core.fs.SpoolFs;
import smtpd.core.key.KeySources;
import smtpd.core.slice.QueueSlice;
import smtpd.queue.seal.BlockRandom;
import smtpd.queue.seal.Keyring;
import smtpd.queue.seal.MasterKey;
import smtpd.queue.store.Committer;
import smtpd.queue.store.FsStore;
import smtpd.queue.store.MailStore;
import smtpd.queue.store.NullStore;
import smtpd.queue.store.Packing;
import smtpd.queue.store.RamStore;
import smtpd.queue.store.RecordStore;
import smtpd.queue.store.SegmentStore;
import smtpd.queue.store.SqliteStore;
import smtpd.queue.store.Stepped;
import smtpd.queue.store.Store;
import smtpd.queue.store.StoreLimits;
import smtpd.queue.store.StoreNotice;
import smtpd.queue.store.Witness;
import smtpd.queue.store.WitnessFile;
import smtpd.queue.store.WitnessWriter;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The store that is configured (`queue backend`, `-B queue=`), packed as is configured (`queue
/// compression`, `queue encryption`).
public final class Stores {
    /// Bytes of the store that lives in memory: what the process's heap bears.
    private static final long RAM_MAX = 256L * 1024 * 1024;

    private Stores() {}

    /// Opens it and starts its committer; throws [IOException] with a text for the operator when
    /// that cannot be.
    public static Store open(QueueSlice slice, Consumer<StoreNotice> notices) throws IOException {
        QueueOptions options = slice.options();
        if (options.backend().equals("null")) {
            return new NullStore();
        }
        Path spool = Path.of(slice.spool());
        Packing packing = new Packing(options.compression(), ring(slice.keys()));
        packing.load();
        Witness witness = witness(options, notices);
        try {
            RecordStore records = records(options.backend(), spool, new DiskFs(spool), notices);
            return over(records, packing, witness, slice.most(), notices);
        } catch (IOException e) {
            witness.close();
            throw e;
        }
    }

    private static Store over(
            RecordStore records,
            Packing packing,
            Witness witness,
            long most,
            Consumer<StoreNotice> notices)
            throws IOException {
        try {
            MailStore store =
                    MailStore.over(
                            records,
                            packing,
                            new BlockRandom(new SecureRandom()),
                            witness,
                            notices);
            store.bound(most);
            // not before it is known that the keys are there: a store that is refused stays as it
            // is
            started(records);
            tell(packing, notices);
            return store;
        } catch (IOException e) {
            records.close();
            throw e;
        }
    }

    /// Who sees from outside what is answered; nobody where nothing outlives the process.
    private static Witness witness(QueueOptions options, Consumer<StoreNotice> notices)
            throws IOException {
        if (options.witness().isEmpty() || !options.isLasting()) {
            return Witness.NONE;
        }
        String store =
                options.backend().isEmpty() ? QueueOptions.BACKENDS.getFirst() : options.backend();
        WitnessFile file = WitnessFile.open(Path.of(options.witness()), store, notices);
        WitnessWriter.start(file);
        return file;
    }

    private static void tell(Packing packing, Consumer<StoreNotice> notices) {
        switch (packing.compression()) {
            case NONE -> {}
            case GZIP -> info(notices, "compression enabled");
            case ZSTD -> info(notices, "compression enabled, " + packing.compression().word());
        }
        packing.ring().current().ifPresent(key -> info(notices, "encryption enabled, " + key));
    }

    private static void info(Consumer<StoreNotice> notices, String text) {
        notices.accept(new StoreNotice(StoreNotice.Severity.INFO, text));
    }

    /// The store of a name in a spool, its committer started if it has one.
    public static RecordStore records(String backend, Path spool, Consumer<StoreNotice> notices)
            throws IOException {
        return started(records(backend, spool, new DiskFs(spool), notices));
    }

    /// A second store in a spool that this process has open.
    public static RecordStore beside(String backend, Path spool, Consumer<StoreNotice> notices)
            throws IOException {
        return started(records(backend, spool, new BesideFs(new DiskFs(spool)), notices));
    }

    private static RecordStore records(
            String backend, Path spool, SpoolFs fs, Consumer<StoreNotice> notices)
            throws IOException {
        StoreLimits limits = StoreLimits.DEFAULT;
        return switch (backend) {
            case "", "segment" -> SegmentStore.open(fs, limits, notices);
            case "fs" -> FsStore.open(fs, limits, notices);
            case "sqlite" -> SqliteStore.open(fs, spool, limits, notices);
            case "ram" -> new RamStore(RAM_MAX);
            default ->
                    throw new IOException(
                            "queue: no backend "
                                    + backend
                                    + ", there are "
                                    + String.join(", ", QueueOptions.BACKENDS));
        };
    }

    private static RecordStore started(RecordStore store) {
        if (store instanceof Stepped stepped) {
            Committer.start(stepped);
        }
        return store;
    }

    /// The keys as they were configured.
    static Keyring ring(List<KeySources.Found> found) {
        Optional<MasterKey> current = Optional.empty();
        List<MasterKey> others = new ArrayList<>();
        for (KeySources.Found key : found) {
            MasterKey master = new MasterKey(key.name(), key.bytes());
            if (key.seals() && current.isEmpty()) {
                current = Optional.of(master);
            } else {
                others.add(master);
            }
        }
        return new Keyring(current, others);
    }
}
