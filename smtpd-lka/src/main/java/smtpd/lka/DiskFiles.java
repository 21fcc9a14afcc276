package smtpd.lka;

import smtpd.lka.expand.IncludeFiles;
import smtpd.lka.table.Answer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Small text files, read whole.
final class DiskFiles {
    private DiskFiles() {}

    /// A file that an alias table includes; it must lie where the sandbox lets lka read.
    static Answer include(String path) {
        try {
            return new Answer.Found(read(Path.of(path)));
        } catch (NoSuchFileException _) {
            return Answer.NOT_FOUND;
        } catch (IOException e) {
            return new Answer.Tempfail(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    /// The text of a file; empty when it cannot be read.
    static String textOrEmpty(String path) {
        try {
            return read(Path.of(path));
        } catch (IOException _) {
            return "";
        }
    }

    private static String read(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(IncludeFiles.SIZE_MAX + 1);
            if (bytes.length > IncludeFiles.SIZE_MAX) {
                throw new IOException(path + " is larger than " + IncludeFiles.SIZE_MAX);
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
