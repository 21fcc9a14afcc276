package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.sys.Descriptors;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

class CommandOutputTest {
    @Test
    @DisplayName("F-63: output that somebody keeps open ends with the command")
    void aPipeThatStaysOpenIsLetGo() throws IOException {
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        CommandOutput output = new CommandOutput(pipe.read(), "test");
        try (OutputStream out = Descriptors.output(pipe.write())) {
            out.write("one\ntwo".getBytes(StandardCharsets.US_ASCII));
            assertEquals("two", output.end());
            assertThrows(IOException.class, () -> out.write('x'));
        }
    }

    @Test
    void whatWasPrintedBeforeTheEndIsRead() throws IOException {
        Descriptors.Pipe pipe = Descriptors.Pipe.open();
        try (OutputStream out = Descriptors.output(pipe.write())) {
            out.write("x\n".repeat(20_000).getBytes(StandardCharsets.US_ASCII));
            out.write("last\n".getBytes(StandardCharsets.US_ASCII));
        }
        assertEquals("last", new CommandOutput(pipe.read(), "test").end());
    }
}
