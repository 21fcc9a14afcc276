package smtpd.queue.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.testkit.fs.DiskFault;
import smtpd.testkit.fs.SimCrash;
import smtpd.testkit.fs.SimFs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Stops the machine at every file operation of a workload, starts again, and compares what is
/// found with what was promised (`doc/QUEUE.md`).
class StoreCrashTest {
    private static final int STEPS = 60;
    private Supplier<RandomGenerator> secret = Mails::secret;

    /// Who saw what was answered, of each machine: what was answered is never missed.
    private final Map<SimFs, SeenWitness> witnesses = new HashMap<>();

    static final StoreLimits SMALL = new StoreLimits(6_000, 40, 0, 0);

    /// The store that is to be crashed.
    BatchStore<?> records(SimFs fs, Consumer<StoreNotice> notices) throws Exception {
        return SegmentStore.open(fs, SMALL, notices);
    }

    /// How mail is packed in it.
    Packing packing() {
        return Packing.NONE;
    }

    /// Every which call is tried: all for the default store, some for the others, for time.
    int stride() {
        return 1;
    }

    private SteppedMail open(SimFs fs) throws Exception {
        return open(fs, Mails::asWeLeftIt);
    }

    private SteppedMail open(SimFs fs, Consumer<StoreNotice> notices) throws Exception {
        Witness witness = witnesses.computeIfAbsent(fs, _ -> new SeenWitness());
        return new SteppedMail(records(fs, notices), packing(), secret.get(), witness, notices);
    }

    /// Runs the workload until it ends or the machine dies.
    private StoreModel work(SimFs fs, long seed) throws Exception {
        StoreModel model = new StoreModel(new SplittableRandom(seed));
        try {
            SteppedMail store = open(fs);
            for (int i = 0; i < STEPS; i++) {
                model.act(store);
            }
            model.settle(store);
            store.close();
        } catch (SimCrash _) {
            // what was answered until now is promised
        }
        return model;
    }

    private void checkAfter(SimFs fs, StoreModel model, String replay) throws Exception {
        for (int reopened = 0; reopened < 2; reopened++) {
            SteppedMail store = open(fs);
            model.check(store, replay);
            store.close();
        }
    }

    @Test
    void workloadWithoutFaultsIsAllThere() throws Exception {
        for (long seed = 0; seed < 50; seed++) {
            SimFs fs = new SimFs(seed);
            StoreModel model = work(fs, seed);
            assertTrue(model.commits() > 10);
            checkAfter(fs, model, "seed " + seed);
        }
    }

    @Test
    @DisplayName("F-70 power cut at each file operation: every acknowledged commit is whole")
    void powerCutAtEachCall() throws Exception {
        crashAtEachCall(true, DiskFault.CRASH_BEFORE, 3);
    }

    @Test
    @DisplayName("F-70 power cut after each file operation: every acknowledged commit is whole")
    void powerCutAfterEachCall() throws Exception {
        crashAtEachCall(true, DiskFault.CRASH_AFTER, 3);
    }

    @Test
    @DisplayName("F-69 kill -9 at each file operation: every acknowledged commit is whole")
    void killAtEachCall() throws Exception {
        crashAtEachCall(false, DiskFault.CRASH_AFTER, 1);
    }

    private void crashAtEachCall(boolean power, DiskFault fault, int seeds) throws Exception {
        for (long seed = 0; seed < seeds; seed++) {
            SimFs dry = new SimFs(seed);
            work(dry, seed);
            long calls = dry.calls();
            assertTrue(calls > STEPS);
            for (long call = 1 + seed % stride(); call <= calls; call += stride()) {
                SimFs fs = new SimFs(seed * 1_000_003 + call);
                fs.failOnce(call, fault);
                StoreModel model = work(fs, seed);
                if (power) {
                    fs.powerCut();
                } else {
                    fs.kill();
                }
                checkAfter(fs, model, "seed " + seed + " call " + call);
            }
        }
    }

    @Test
    @DisplayName("F-70 crash during recovery, again and again, then more work")
    void crashDuringRecoveryAndLater() throws Exception {
        for (long seed = 0; seed < 150 / stride(); seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            SimFs fs = new SimFs(seed);
            StoreModel model = new StoreModel(new SplittableRandom(seed));
            for (int life = 0; life < 8; life++) {
                long from = fs.calls();
                fs.failOnce(
                        from + 1 + random.nextInt(life % 3 == 2 ? 6 : 120), DiskFault.CRASH_AFTER);
                try {
                    SteppedMail store = open(fs);
                    model.check(store, "seed " + seed + " life " + life);
                    for (int i = 0; i < 30; i++) {
                        model.act(store);
                    }
                    model.settle(store);
                    store.close();
                } catch (SimCrash _) {
                    fs.powerCut();
                }
                fs.plan(_ -> null);
            }
            fs.powerCut();
            checkAfter(fs, model, "seed " + seed);
        }
    }

    @Test
    @DisplayName("F-66 a full disk at each file operation refuses cleanly and loses nothing")
    void noSpaceAtEachCall() throws Exception {
        faultAtEachCall(DiskFault.NO_SPACE, false);
    }

    @Test
    @DisplayName("F-67 an I/O error at each file operation: nothing acknowledged is lost")
    void ioErrorAtEachCall() throws Exception {
        faultAtEachCall(DiskFault.IO_ERROR, true);
    }

    private void faultAtEachCall(DiskFault fault, boolean latches) throws Exception {
        for (long seed = 0; seed < 1; seed++) {
            SimFs dry = new SimFs(seed);
            open(dry).close();
            long first = dry.calls() + 1;
            dry = new SimFs(seed);
            work(dry, seed);
            for (long call = first; call <= dry.calls(); call += stride()) {
                String replay = "seed " + seed + " call " + call;
                SimFs fs = new SimFs(seed * 1_000_003 + call);
                fs.failOnce(call, fault);
                List<StoreNotice> notices = new ArrayList<>();
                SteppedMail store = open(fs, notices::add);
                StoreModel model = new StoreModel(new SplittableRandom(seed));
                for (int i = 0; i < STEPS; i++) {
                    model.act(store);
                }
                model.settle(store);
                if (!latches) {
                    model.check(store, replay + " live");
                    assertTrue(store.status().refusal().isEmpty(), replay);
                } else if (store.status().refusal().isPresent()) {
                    assertEquals(
                            Refused.Reason.FAILED, store.status().refusal().get().reason(), replay);
                    assertTrue(
                            notices.stream()
                                    .anyMatch(n -> n.severity() == StoreNotice.Severity.ALARM),
                            replay);
                }
                store.close();
                fs.powerCut();
                checkAfter(fs, model, replay);
            }
        }
    }

    @Test
    void sameSeedSameDisk() throws Exception {
        SimFs one = new SimFs(3);
        SimFs two = new SimFs(3);
        RandomGenerator first = new SplittableRandom(5);
        secret = () -> first;
        work(one, 3);
        RandomGenerator second = new SplittableRandom(5);
        secret = () -> second;
        work(two, 3);
        assertEquals(one.calls(), two.calls());
        assertEquals(one.names(), two.names());
        for (String name : one.names()) {
            assertArrayEquals(bytes(one, name), bytes(two, name), name);
        }
    }

    private static byte[] bytes(SimFs fs, String name) throws Exception {
        var file = fs.openForReading(name);
        var bytes = java.nio.ByteBuffer.allocate((int) file.size());
        file.read(0, bytes);
        return bytes.array();
    }
}
