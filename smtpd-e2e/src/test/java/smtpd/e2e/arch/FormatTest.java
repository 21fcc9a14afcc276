package smtpd.e2e.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.googlejavaformat.java.Main;

import org.junit.jupiter.api.Test;

import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/// Every source is formatted: google-java-format, AOSP style.
class FormatTest {
    @Test
    void everySourceIsFormatted() throws Exception {
        StringWriter changed = new StringWriter();
        StringWriter errors = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of("--aosp", "--dry-run"));
        Sources.java()
                .forEach(source -> arguments.add(Sources.root().resolve(source.path()).toString()));
        int status =
                new Main(
                                new PrintWriter(changed, true),
                                new PrintWriter(errors, true),
                                InputStream.nullInputStream())
                        .format(arguments.toArray(String[]::new));
        assertEquals("", errors.toString());
        assertEquals("", changed.toString(), "run etc/format");
        assertEquals(0, status);
    }
}
