package smtpd.e2e.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// A report as another program reads it: Python's email package, where there is a Python.
final class Mime {
    private static final String READER =
            """
            import email, email.policy, sys
            m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
            assert m.get_content_type() == "multipart/report", m.get_content_type()
            assert m.get_param("report-type") == "delivery-status"
            text, status, original = m.get_payload()
            assert text.get_content_type() == "text/plain" and text.get_content().strip()
            assert status.get_content_type() == "message/delivery-status"
            blocks = status.get_payload()
            assert blocks[0]["Reporting-MTA"]
            for block in blocks[1:]:
                assert block["Final-Recipient"] and block["Action"] and block["Status"], block
            assert original.get_content_type() in ("text/rfc822-headers", "message/rfc822")
            defects = [d for part in m.walk() for d in part.defects]
            assert not defects, defects
            print(len(blocks) - 1)
            """;

    private Mime() {}

    /// Checks a report; does nothing where there is no Python.
    static void isReport(String report) throws IOException, InterruptedException {
        Optional<Path> python =
                Stream.of("/usr/bin/python3", "/usr/local/bin/python3")
                        .map(Path::of)
                        .filter(Files::isExecutable)
                        .findFirst();
        if (python.isEmpty()) {
            return;
        }
        Process process =
                new ProcessBuilder(python.get().toString(), "-c", READER)
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().write(report.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }
}
