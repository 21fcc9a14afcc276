package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import smtpd.core.conf.Compression;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.Esc;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// What each store on disk says after it was closed and opened again.
class RestartTest {
    @TempDir private Path spool;
    private final SplittableRandom random = new SplittableRandom(21);
    private final List<Envelope> mails = new ArrayList<>();
    private final List<byte[]> contents = new ArrayList<>();

    private SteppedMail open(RosterTest.Kind kind, Packing packing) throws IOException {
        return new SteppedMail(kind.open(spool), packing, Mails::asWeLeftIt);
    }

    private static void push(SteppedMail store) {
        while (store.step(true) == Stepped.Progress.MORE) {
            // until nothing is left to do
        }
    }

    private void accept(SteppedMail store, int size) {
        byte[] content = Mails.bytes(size, random);
        MsgId id = assertInstanceOf(NewMessage.Opened.class, store.create(random)).id();
        Mails.chunks(content, 30_000).forEach(chunk -> store.append(id, chunk, _ -> {}));
        Envelope e = Mails.envelope(store.newEnvelopeId(id, random), "a@example.org");
        store.commit(
                StoreTx.accept(Mails.commit(id, content), List.of(e)),
                result -> assertEquals(StoreResult.DONE, result));
        push(store);
        mails.add(e);
        contents.add(content);
    }

    private void become(SteppedMail store, int mail, Envelope.State state) {
        Envelope e = mails.get(mail);
        store.commit(
                StoreTx.results(List.of(new StoreTx.StateUpdate(e.id(), state)), List.of()),
                result -> assertEquals(StoreResult.DONE, result));
        push(store);
        mails.set(mail, e.with(state));
    }

    private void allServed(SteppedMail store) {
        for (int i = 0; i < mails.size(); i++) {
            assertTrue(Mails.served(store, mails.get(i), contents.get(i)), "message " + i);
        }
        assertEquals(mails.size(), StoreContract.all(store.walk()).size());
    }

    private static Envelope.State state(boolean suspended, Duration more, String error) {
        Envelope.State tried = Mails.tried(2);
        return new Envelope.State(
                tried.retry(),
                tried.lastTry(),
                tried.lastBounce(),
                new Esc(4, 7, 0),
                error,
                new Envelope.Operator(suspended, more));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName(
            "suspended, resumed, extended, tried: what an envelope became, it is after a restart")
    void editsAreThereAfterARestart(RosterTest.Kind kind) throws Exception {
        for (Packing packing : List.of(Packing.NONE, Packings.both())) {
            SteppedMail store = open(kind, packing);
            int first = mails.size();
            for (int i = 0; i < 4; i++) {
                accept(store, 100);
            }
            become(store, first, state(true, Duration.ZERO, "held: three deaths"));
            become(store, first + 1, state(true, Duration.ZERO, ""));
            become(store, first + 1, state(false, Duration.ZERO, ""));
            become(store, first + 2, state(true, Duration.ofDays(3), "451 later"));
            store.close();
            store = open(kind, packing);
            allServed(store);
            assertTrue(mails.get(first).state().suspended());
            store.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("packing switched on and off: mail of every kind is served")
    void mailOfEveryKindIsServed(RosterTest.Kind kind) throws Exception {
        Packing other = new Packing(Compression.NONE, Packings.ring(2, 1));
        for (Packing packing :
                List.of(
                        Packing.NONE,
                        Packings.compressed(),
                        Packings.zstd(),
                        Packings.sealed(),
                        Packings.both(),
                        Packings.zstdSealed(),
                        other)) {
            SteppedMail store = open(kind, packing);
            accept(store, 10);
            accept(store, 70_000);
            for (int i = 0; i < mails.size(); i++) {
                become(store, i, Mails.tried(mails.size() + i));
            }
            allServed(store);
            store.close();
        }
        SteppedMail store = open(kind, new Packing(Compression.GZIP, Packings.ring(1, 2)));
        allServed(store);
        store.close();
    }
}
