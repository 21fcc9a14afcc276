package smtpd.core.imsg;

import static org.junit.jupiter.api.Assertions.fail;

import smtpd.core.gen.Gen;
import smtpd.core.gen.Samples;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Every edge there is, found by its codec.
final class Edges {
    private Edges() {}

    /// An edge.
    record Edge<M>(Class<M> type, Codec<M> codec) {
        /// Its records.
        List<Class<? extends M>> records() {
            List<Class<? extends M>> records = new ArrayList<>();
            Samples.records(type).forEach(it -> records.add(it.asSubclass(type)));
            return records;
        }

        byte[] payload(M message) {
            FrameOut out = new FrameOut(16);
            codec.write(message, out);
            return out.toByteArray();
        }

        M decode(int number, byte[] payload) {
            return Frame.decode(codec, number, new FrameIn(ByteBuffer.wrap(payload)));
        }

        /// The message, or empty if it violates the edge; nothing else may come of any bytes.
        Optional<M> tryDecode(int number, byte[] payload) {
            try {
                return Optional.of(decode(number, payload));
            } catch (ImsgViolation e) {
                return Optional.empty();
            }
        }

        /// A sample of one record.
        M sample(Class<? extends M> record, long seed) {
            return new Samples(new Gen(seed)).of(record);
        }

        @Override
        public String toString() {
            return type.getSimpleName();
        }
    }

    /// All edges by name.
    static List<Edge<?>> all() {
        try {
            Path classes =
                    Path.of(Codec.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                            .resolve("smtpd/core/imsg");
            try (Stream<Path> files = Files.list(classes)) {
                List<Edge<?>> edges = new ArrayList<>();
                files.map(file -> String.valueOf(file.getFileName()))
                        .filter(name -> name.endsWith(".class") && name.indexOf('$') < 0)
                        .sorted()
                        .forEach(name -> edge(name.replace(".class", "")).ifPresent(edges::add));
                return edges;
            }
        } catch (IOException | URISyntaxException e) {
            return fail(e);
        }
    }

    private static Optional<Edge<?>> edge(String name) {
        try {
            Class<?> type = Class.forName("smtpd.core.imsg." + name);
            if (!type.isSealed()) {
                return Optional.empty();
            }
            Field codec = type.getField("CODEC");
            return Optional.of(edge(type, codec.get(null)));
        } catch (NoSuchFieldException e) {
            return Optional.empty();
        } catch (ReflectiveOperationException e) {
            return fail(e);
        }
    }

    @SuppressWarnings("unchecked") // an edge's CODEC is the codec of that edge
    private static <M> Edge<M> edge(Class<M> type, Object codec) {
        return new Edge<>(type, (Codec<M>) codec);
    }
}
