package smtpd.queue.tool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.queue.store.Content;
import smtpd.queue.store.EnvelopeCursor;
import smtpd.queue.store.MailStore;
import smtpd.queue.store.Piece;
import smtpd.queue.store.RamStore;
import smtpd.queue.store.Store;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

class QueueImportTest {
    private static final byte[] KEY =
            "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BODY =
            "Subject: old\r\n\r\nold mail\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String ENVELOPE =
            """
            version: 3
            dispatcher: out
            type: mta
            smtpname: mx.example.org
            helo: client
            hostname: client.example
            errorline: 451 not now
            sockaddr: 192.0.2.1
            sender: a@b.example
            rcpt: c@d.example
            dest: c@d.example
            ctime: 1700000000
            last-try: 1700000400
            ttl: 345600
            retry: 2
            flags: authenticated
            dsn-notify: SUCCESS,FAILURE
            """;

    @TempDir private Path spool;
    private final List<String> complaints = new ArrayList<>();
    private final Store store = MailStore.plain(new RamStore(1_000_000));

    private void put(String message, String name, byte[] bytes) throws Exception {
        Path directory = spool.resolve("queue/" + message.substring(0, 2) + "/" + message);
        Files.createDirectories(directory);
        Files.write(directory.resolve(name), bytes);
    }

    private static byte[] gzip(byte[] bytes) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] encrypt(byte[] bytes) throws Exception {
        byte[] nonce = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(KEY, "AES"),
                new GCMParameterSpec(128, nonce));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(1);
        out.write(nonce);
        out.write(cipher.doFinal(bytes));
        return out.toByteArray();
    }

    private List<Envelope> run(byte[] key) throws Exception {
        QueueImport it =
                new QueueImport(new OldSpool(key), store, new SplittableRandom(1), complaints::add);
        it.run(spool);
        List<Envelope> found = new ArrayList<>();
        try (EnvelopeCursor cursor = store.walk()) {
            for (Optional<Envelope> e = cursor.next(); e.isPresent(); e = cursor.next()) {
                found.add(e.get());
            }
        }
        return found;
    }

    private byte[] content(Envelope envelope) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Content content = store.content(envelope.msgid()).orElseThrow()) {
            while (content.next() instanceof Piece.Chunk(var bytes)) {
                out.writeBytes(bytes.toByteArray());
            }
        }
        return out.toByteArray();
    }

    @Test
    void plainCompressedAndEncryptedMessagesAreTaken() throws Exception {
        byte[] envelope = ENVELOPE.getBytes(StandardCharsets.US_ASCII);
        put("a1b2c3d4", "message", BODY);
        put("a1b2c3d4", "a1b2c3d400000001", envelope);
        put("b1b2c3d4", "message", gzip(BODY));
        put("b1b2c3d4", "b1b2c3d400000001", gzip(envelope));
        put("c1b2c3d4", "message", encrypt(gzip(BODY)));
        put("c1b2c3d4", "c1b2c3d400000001", encrypt(gzip(envelope)));
        List<Envelope> found = run(KEY);
        assertEquals(List.of(), complaints);
        assertEquals(3, found.size());
        for (Envelope e : found) {
            assertArrayEquals(BODY, content(e));
            assertEquals("a@b.example", e.sender().toString());
            assertEquals(new Envelope.Target.Mta("out"), e.target());
            assertEquals(2, e.state().retry());
            assertEquals("451 not now", e.state().errorLine());
            assertEquals(1_700_000_000, e.created().getEpochSecond());
            assertEquals(Set.of(Dsn.Notify.SUCCESS, Dsn.Notify.FAILURE), e.dsn().notifyOn());
            assertEquals(true, e.origin().flags().authenticated());
        }
    }

    @Test
    void whatCannotBeReadIsNamedAndTheRestIsTaken() throws Exception {
        byte[] envelope = ENVELOPE.getBytes(StandardCharsets.US_ASCII);
        put("a1b2c3d4", "message", BODY);
        put("a1b2c3d4", "a1b2c3d400000001", envelope);
        put("a1b2c3d4", "a1b2c3d400000002", "version: 2\n".getBytes(StandardCharsets.US_ASCII));
        put("c1b2c3d4", "message", encrypt(BODY));
        put("c1b2c3d4", "c1b2c3d400000001", encrypt(envelope));
        byte[] wrong = KEY.clone();
        wrong[0]++;
        assertEquals(1, run(wrong).size());
        assertEquals(2, complaints.size(), complaints::toString);
    }
}
