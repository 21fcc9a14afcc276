package smtpd.queue.tool;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;
import smtpd.queue.store.NewMessage;
import smtpd.queue.store.Refused;
import smtpd.queue.store.Store;
import smtpd.queue.store.StoreTx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// Takes the mail of an OpenSMTPD spool (`queue/XX/MSGID/` with `message` and a file for each
/// envelope) into a store, under new ids. The old spool is only read.
final class QueueImport {
    private static final int MSGID_LENGTH = 8;
    private static final int EVPID_LENGTH = 16;

    private final OldSpool old;
    private final Store store;
    private final RandomGenerator random;
    private final Consumer<String> complaints;
    private int messages;
    private int envelopes;
    private int unreadable;

    QueueImport(OldSpool old, Store store, RandomGenerator random, Consumer<String> complaints) {
        this.old = old;
        this.store = store;
        this.random = random;
        this.complaints = complaints;
    }

    int messages() {
        return messages;
    }

    int envelopes() {
        return envelopes;
    }

    /// Messages and envelopes that could not be taken.
    int unreadable() {
        return unreadable;
    }

    /// Imports all below the spool's directory.
    void run(Path spool) throws IOException {
        for (Path bucket : children(spool.resolve("queue"))) {
            for (Path message : children(bucket)) {
                if (name(message).length() == MSGID_LENGTH) {
                    message(message);
                }
            }
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private void message(Path directory) throws IOException {
        List<Envelope> found = new ArrayList<>();
        for (Path file : children(directory)) {
            if (name(file).length() == EVPID_LENGTH) {
                try {
                    EvpId id = new EvpId(HexFormat.fromHexDigitsToLong(name(file)));
                    found.add(OldSpool.envelope(id, old.unpack(Files.readAllBytes(file))));
                } catch (IOException | IllegalArgumentException e) {
                    complain(file, e);
                }
            }
        }
        Path body = directory.resolve("message");
        try {
            if (!found.isEmpty()) {
                take(old.unpack(Files.readAllBytes(body)), found);
            }
        } catch (IOException e) {
            complain(body, e);
        }
    }

    private void complain(Path file, Exception e) {
        unreadable++;
        complaints.accept(file + ": not imported: " + e.getMessage());
    }

    private void take(byte[] content, List<Envelope> found) throws IOException {
        MsgId id =
                switch (store.create(random)) {
                    case NewMessage.Opened(MsgId opened) -> opened;
                    case Refused refused -> throw new IOException(refused.text());
                };
        for (int at = 0; at < content.length; at += Store.CHUNK_MAX) {
            Bytes chunk = Bytes.of(content, at, Math.min(Store.CHUNK_MAX, content.length - at));
            QueueCopy.await(done -> store.append(id, chunk, done));
        }
        List<Envelope> renamed = new ArrayList<>();
        for (Envelope envelope : found) {
            renamed.add(envelope.withId(store.newEnvelopeId(id, random)));
        }
        CRC32C crc = new CRC32C();
        crc.update(content);
        StoreTx tx =
                StoreTx.accept(
                        new StoreTx.Commit(id, content.length, (int) crc.getValue()), renamed);
        QueueCopy.await(done -> store.commit(tx, done));
        messages++;
        envelopes += renamed.size();
    }
}
