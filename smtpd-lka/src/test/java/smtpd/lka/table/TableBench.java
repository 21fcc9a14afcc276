package smtpd.lka.table;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import smtpd.core.imsg.TableService;
import smtpd.core.table.DbFile;
import smtpd.core.table.DbWriter;
import smtpd.core.table.TableText;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// Tables of a million entries: loading them, and looking up what is there and what is not, in
/// memory and in a db file, under the options of lka.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgs = {"-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"})
public class TableBench {
    private static final int ENTRIES = 1_000_000;

    private final SplittableRandom random = new SplittableRandom(1);
    private Path text = Path.of("");
    private Path db = Path.of("");
    private Table file = new UnavailableTable("file", "not set up");
    private Table made = new UnavailableTable("db", "not set up");

    private static String key(int number) {
        return "user" + number + "@example" + number % 1000 + ".org";
    }

    /// Makes the files and opens the tables.
    @Setup
    public void open() throws IOException, TableText.Malformed {
        text = Files.createTempFile("table-bench", ".txt");
        try (BufferedWriter out = Files.newBufferedWriter(text, StandardCharsets.UTF_8)) {
            for (int i = 0; i < ENTRIES; i++) {
                out.write(key(i) + "\tmailbox" + i + "\n");
            }
        }
        db = Path.of(text + ".db");
        long start = System.nanoTime();
        try (InputStream in = Files.newInputStream(text);
                DbWriter writer = new DbWriter(db, Path.of(db + ".new"))) {
            TableText.Kind kind = TableText.read(in, writer);
            System.out.printf("%nmakemap: %d entries", writer.finish(kind != TableText.Kind.LIST));
        }
        System.out.printf(" in %d ms%n", (System.nanoTime() - start) / 1_000_000);
        long before = used();
        start = System.nanoTime();
        file = MemoryTable.ofFile("file", '+', text);
        System.out.printf("load: %d ms", (System.nanoTime() - start) / 1_000_000);
        System.out.printf(", %d MB of heap for", (used() - before) >> 20);
        System.out.printf(" %d MB of text%n", Files.size(text) >> 20);
        start = System.nanoTime();
        System.out.println("update: " + file.update());
        System.out.printf("update: %d ms%n", (System.nanoTime() - start) / 1_000_000);
        start = System.nanoTime();
        DbFile.open(db).close();
        System.out.printf("open db: %d ms%n", (System.nanoTime() - start) / 1_000_000);
        made = new DbTable("db", '+', db, System.out::println);
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /// Removes the files.
    @TearDown
    public void remove() throws IOException {
        Files.delete(text);
        Files.delete(db);
    }

    @Benchmark
    public Answer fileHit() {
        return file.lookup(TableService.ALIAS, key(random.nextInt(ENTRIES)));
    }

    @Benchmark
    public Answer fileMiss() {
        return file.lookup(TableService.ALIAS, "nobody" + random.nextInt(ENTRIES));
    }

    @Benchmark
    public Answer fileMailAddr() {
        return file.lookup(TableService.MAILADDR, key(random.nextInt(ENTRIES)));
    }

    @Benchmark
    public Answer dbHit() {
        return made.lookup(TableService.ALIAS, key(random.nextInt(ENTRIES)));
    }

    @Benchmark
    public Answer dbMiss() {
        return made.lookup(TableService.ALIAS, "nobody" + random.nextInt(ENTRIES));
    }
}
