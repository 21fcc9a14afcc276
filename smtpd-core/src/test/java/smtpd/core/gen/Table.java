package smtpd.core.gen;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A table of inputs and exact results: a line `input => result` each; `#` begins a comment line,
/// and `\xNN` stands for one byte.
public final class Table {
    private Table() {}

    /// One line.
    ///
    /// @param input the left side, one char per byte
    /// @param result the right side
    public record Row(String input, String result) {
        /// The bytes of the input.
        public byte[] bytes() {
            return input.getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    /// The rows of the resource `tables/NAME.txt`.
    public static List<Row> rows(String name) {
        List<Row> rows = new ArrayList<>();
        for (String line : read("/tables/" + name + ".txt").split("\n", -1)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                int arrow = line.indexOf(" => ");
                if (arrow < 0) {
                    throw new IllegalStateException(name + ": no arrow in " + line);
                }
                rows.add(new Row(unescape(line.substring(0, arrow)), line.substring(arrow + 4)));
            }
        }
        if (rows.isEmpty()) {
            throw new IllegalStateException(name + " is empty");
        }
        return rows;
    }

    private static String read(String path) {
        try (InputStream in = Table.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + path);
            }
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String unescape(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.startsWith("\\x", i)) {
                out.append((char) Integer.parseInt(text.substring(i + 2, i + 4), 16));
                i += 3;
            } else {
                out.append(text.charAt(i));
            }
        }
        return out.toString();
    }
}
