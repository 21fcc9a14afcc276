package smtpd.core.imsg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import smtpd.core.gen.Gen;
import smtpd.core.imsg.Edges.Edge;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// Every record of every edge: it survives the way through a frame, its bytes are known, and no
/// other bytes than its own come through.
class EdgeCodecTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/imsg.txt");
    private static final int SAMPLES = 20;

    static List<Edge<?>> edges() {
        return Edges.all();
    }

    @Test
    void thereAreAsManyEdgesAsTheHouseHas() {
        // 17 pairs of processes and the parent with its children, both ways
        assertTrue(edges().size() >= 36, () -> "edges: " + edges());
    }

    @ParameterizedTest
    @MethodSource("edges")
    <M> void everyRecordSurvives(Edge<M> edge) {
        for (Class<? extends M> record : edge.records()) {
            for (int seed = 1; seed <= SAMPLES; seed++) {
                M message = edge.sample(record, seed);
                int type = edge.codec().type(message);
                assertEquals(message, edge.decode(type, edge.payload(message)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("edges")
    <M> void everyRecordHasANumberOfItsOwn(Edge<M> edge) {
        SortedSet<Integer> numbers = new TreeSet<>();
        for (Class<? extends M> record : edge.records()) {
            int number = edge.codec().type(edge.sample(record, 1));
            assertTrue(number >= 1 && number <= 65_535, record.getName());
            assertTrue(numbers.add(number), record.getName());
        }
    }

    @ParameterizedTest
    @MethodSource("edges")
    <M> void aFrameCutAnywhereIsAViolation(Edge<M> edge) {
        for (Class<? extends M> record : edge.records()) {
            for (int seed = 1; seed <= SAMPLES; seed++) {
                M message = edge.sample(record, seed);
                byte[] payload = edge.payload(message);
                int type = edge.codec().type(message);
                for (int length = 0; length < payload.length; length++) {
                    byte[] cut = Arrays.copyOf(payload, length);
                    assertTrue(edge.tryDecode(type, cut).isEmpty(), record + " at " + length);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("edges")
    <M> void oneByteTooManyIsAViolation(Edge<M> edge) {
        for (Class<? extends M> record : edge.records()) {
            M message = edge.sample(record, 1);
            byte[] payload = edge.payload(message);
            byte[] more = Arrays.copyOf(payload, payload.length + 1);
            assertTrue(edge.tryDecode(edge.codec().type(message), more).isEmpty(), record::getName);
        }
    }

    @ParameterizedTest
    @MethodSource("edges")
    <M> void aTypeOfAnotherEdgeIsAViolation(Edge<M> edge) {
        SortedSet<Integer> numbers = new TreeSet<>();
        edge.records().forEach(it -> numbers.add(edge.codec().type(edge.sample(it, 1))));
        for (int type : List.of(0, numbers.last() + 1, 255, 65_535)) {
            assertTrue(edge.tryDecode(type, new byte[0]).isEmpty(), "type " + type);
        }
    }

    @ParameterizedTest
    @MethodSource("edges")
    <M> void aHugeLengthAnywhereIsAViolationOrANumber(Edge<M> edge) {
        for (Class<? extends M> record : edge.records()) {
            M message = edge.sample(record, 3);
            byte[] payload = edge.payload(message);
            int type = edge.codec().type(message);
            for (int at = 0; at + 4 <= payload.length; at++) {
                for (int length : List.of(-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 22)) {
                    byte[] bent = payload.clone();
                    ByteBuffer.wrap(bent).putInt(at, length);
                    assertFaithful(edge, type, bent);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("edges")
    <M> void bentBytesAreAViolationOrAnotherMessage(Edge<M> edge) {
        Gen.forAll(
                50,
                gen -> {
                    for (Class<? extends M> record : edge.records()) {
                        M message = edge.sample(record, 1 + gen.below(1000));
                        byte[] payload = edge.payload(message);
                        for (int i = 1 + gen.below(3); i > 0 && payload.length > 0; i--) {
                            payload[gen.below(payload.length)] = (byte) gen.below(256);
                        }
                        assertFaithful(edge, edge.codec().type(message), payload);
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("edges")
    <M> void randomBytesAreAViolationOrAMessage(Edge<M> edge) {
        Gen.forAll(
                500,
                gen -> {
                    byte[] payload = gen.bytes(64);
                    for (int i = 0; i < payload.length && gen.oneIn(2); i++) {
                        payload[i] = (byte) gen.below(3);
                    }
                    assertFaithful(edge, 1 + gen.below(edge.records().size() + 1), payload);
                });
    }

    /// Either a violation, or a message that has exactly these bytes.
    private static <M> void assertFaithful(Edge<M> edge, int type, byte[] payload) {
        Optional<M> message = edge.tryDecode(type, payload);
        message.ifPresent(it -> {
            assertFalse(it.toString().isEmpty());
            assertArrayEquals(payload, edge.payload(it), it::toString);
        });
    }

    @Test
    void theBytesOfEveryRecordAreKnown() throws IOException {
        StringBuilder lines = new StringBuilder();
        edges().forEach(edge -> describe(edge, lines));
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(GOLDEN.resolveSibling("."));
            Files.writeString(GOLDEN, lines);
        }
        assertEquals(
                Files.readString(GOLDEN), lines.toString(), "update with -Dgolden.update=true");
    }

    private static <M> void describe(Edge<M> edge, StringBuilder lines) {
        for (Class<? extends M> record : edge.records()) {
            FrameOut frame = new FrameOut(64);
            Frame.encode(edge.codec(), 1, 0, edge.sample(record, 1), frame);
            lines.append(edge).append('.').append(record.getSimpleName()).append(' ');
            lines.append(HexFormat.of().formatHex(frame.toByteArray())).append('\n');
        }
    }
}
