package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.imsg.BodyChunk;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.MsgId;
import smtpd.core.proc.ContentReader;

import java.util.ArrayList;
import java.util.List;

class ContentStreamsTest {
    private static final int CHUNK = 64 * 1024;

    private final QueueRig rig = new QueueRig();
    private final List<BodyChunk> chunks = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final ContentStreams streams =
            new ContentStreams(
                    rig.store,
                    (_, chunk) -> chunks.add(chunk),
                    (_, failed) -> failures.add(failed.reason()));

    private MsgId message(int parts) {
        MsgId msgid = rig.begin();
        rig.add(msgid, QueueRig.envelope(msgid, "a@b.example", "c@d.example", Dsn.NONE));
        for (int i = 0; i < parts; i++) {
            rig.body(msgid, Bytes.of("x".repeat(CHUNK)));
        }
        rig.commit(msgid, Bytes.of("x".repeat(CHUNK * parts)));
        rig.settle();
        return msgid;
    }

    private int sent() {
        return chunks.stream().mapToInt(chunk -> chunk.bytes().length()).sum();
    }

    @Test
    void onlyTheLastChunkSaysSo() {
        streams.open(1, message(3));
        assertEquals(List.of(false, false, true), chunks.stream().map(BodyChunk::last).toList());
        assertEquals(3 * CHUNK, sent());
    }

    @Test
    void noMoreIsSentThanWasGranted() {
        streams.open(1, message(8));
        assertEquals(ContentReader.WINDOW, sent());
        streams.credit(1, CHUNK);
        assertEquals(ContentReader.WINDOW + CHUNK, sent());
    }

    @Test
    void aStreamThatIsClosedSendsNoMore() {
        streams.open(1, message(8));
        streams.credit(1, 0);
        streams.credit(1, CHUNK);
        assertEquals(ContentReader.WINDOW, sent());
    }

    @Test
    void anUnknownMessageFails() {
        streams.open(1, new MsgId(7));
        assertEquals(List.of("no such message"), failures);
        assertTrue(chunks.isEmpty());
    }
}
