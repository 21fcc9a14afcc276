package smtpd.e2e.bulk;

import static java.nio.charset.StandardCharsets.US_ASCII;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Esc;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.queue.Stores;
import smtpd.queue.store.MailStore;
import smtpd.queue.store.NewMessage;
import smtpd.queue.store.RecordStore;
import smtpd.queue.store.Refused;
import smtpd.queue.store.Store;
import smtpd.queue.store.StoreResult;
import smtpd.queue.store.StoreTx;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/// Mail from before, put into a store that nobody has open: most of it deferred until some day of
/// the future, some overdue.
///
/// Due times are by a `retry-base-mta` of [#RETRY_BASE]: mail of the last three days that was tried
/// once is due a base after it came, and what came before that is overdue.
///
/// @param backend the store
/// @param messages how many
/// @param rcpts recipients of each
/// @param bytes of each
/// @param overdue how many of the messages, spread over all
record Backlog(String backend, int messages, int rcpts, int bytes, int overdue) {
    /// To be configured as `scheduler limit retry-base-mta`, in seconds.
    static final Duration RETRY_BASE = Duration.ofDays(4);

    /// The action of the envelopes.
    static final String ACTION = "far";

    /// In the subject of what is overdue.
    static final String OVERDUE = "overdue";

    private static final int DOMAINS = 1000;

    /// Commits that are under way together: what the store lets wait, with room.
    private static final int AT_ONCE = 1000;

    private static final Duration AGE = Duration.ofDays(3);
    private static final Duration OVERDUE_AGE = Duration.ofDays(5);
    private static final Duration TTL = Duration.ofDays(30);

    /// Puts it into the spool; `now` is the present.
    void fill(Path spool, Instant now) throws IOException {
        RecordStore records = Stores.records(backend, spool, System.err::println);
        try (Store store = MailStore.plain(records)) {
            Semaphore room = new Semaphore(AT_ONCE);
            AtomicReference<Optional<Refused>> refused = new AtomicReference<>(Optional.empty());
            SplittableRandom random = new SplittableRandom(messages);
            int every = overdue == 0 ? Integer.MAX_VALUE : Math.max(1, messages / overdue);
            for (int i = 0; i < messages && refused.get().isEmpty(); i++) {
                room.acquireUninterruptibly();
                boolean late = i % every == every - 1;
                one(
                        store,
                        random,
                        now,
                        late,
                        i,
                        result -> {
                            if (result instanceof Refused it) {
                                refused.set(Optional.of(it));
                            }
                            room.release();
                        });
            }
            room.acquireUninterruptibly(AT_ONCE);
            if (refused.get().isPresent()) {
                throw new IOException(refused.get().get().text());
            }
        }
    }

    private void one(
            Store store,
            RandomGenerator random,
            Instant now,
            boolean late,
            int number,
            Consumer<StoreResult> done)
            throws IOException {
        // ascending, spread over all there are: a tree that grows at its end is filled in minutes
        int spread = (int) ((number + 1L) * ((1L << 32) / (messages + 2L)));
        MsgId id =
                switch (store.create(() -> (long) spread << 32)) {
                    case NewMessage.Opened(MsgId opened) -> opened;
                    case Refused refused -> throw new IOException(refused.text());
                };
        byte[] content = content(late, number);
        store.append(id, Bytes.of(content), _ -> {});
        Duration age =
                late ? OVERDUE_AGE : Duration.ofSeconds(random.nextLong(AGE.toSeconds()) + 60);
        Instant created = now.minus(age);
        List<Envelope> envelopes = new ArrayList<>(rcpts);
        for (int i = 0; i < rcpts; i++) {
            String domain = "d" + random.nextInt(DOMAINS) + ".example";
            envelopes.add(
                    envelope(
                            store.newEnvelopeId(id, random),
                            "user" + number + "-" + i + "@" + domain,
                            created));
        }
        CRC32C crc = new CRC32C();
        crc.update(content);
        StoreTx.Commit commit = new StoreTx.Commit(id, content.length, (int) crc.getValue());
        store.commit(StoreTx.accept(commit, envelopes), done);
    }

    private byte[] content(boolean late, int number) {
        StringBuilder text =
                new StringBuilder(bytes)
                        .append("From: sender@example.net\r\nTo: many@example\r\nSubject: ")
                        .append(late ? OVERDUE : "deferred")
                        .append("\r\nMessage-ID: <")
                        .append(number)
                        .append("@example.net>\r\n\r\n");
        while (text.length() < bytes) {
            text.append("It is a long way to the other server, and it is closed today.\r\n");
        }
        return text.toString().getBytes(US_ASCII);
    }

    private static Envelope envelope(EvpId id, String rcpt, Instant created) {
        return new Envelope(
                id,
                new Envelope.Origin(
                        "",
                        "mx.example.org",
                        "client.example.net",
                        "client.example.net",
                        "192.0.2.1",
                        "",
                        Envelope.OriginFlags.NONE),
                MailAddr.of("sender@example.net"),
                MailAddr.of(rcpt),
                MailAddr.of(rcpt),
                new Envelope.Target.Mta(ACTION),
                Dsn.NONE,
                created,
                TTL,
                new Envelope.State(
                        1,
                        created.plusSeconds(5),
                        created.plus(AGE),
                        new Esc(4, 4, 1),
                        "Connection refused",
                        false));
    }
}
