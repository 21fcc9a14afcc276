package smtpd.core.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

class ShadowTest {
    private static final Path FILE = Path.of("/etc/shadow");

    @Test
    void rootReadsWhatTheFileSays() throws IOException {
        assumeTrue(Layers.probe().uid() && Files.isReadable(FILE), "needs root");
        for (String line : Files.readAllLines(FILE)) {
            String[] fields = line.split(":", -1);
            ShadowEntry entry = Shadow.byName(fields[0]).orElseThrow();
            assertEquals(fields[1], entry.hash(), fields[0]);
            assertEquals(fields[7].isEmpty() ? -1 : Long.parseLong(fields[7]), entry.expires());
        }
    }

    @Test
    void nobodyIsCertain() throws SysException {
        assumeTrue(Layers.probe().uid(), "needs root");
        assertEquals(Optional.empty(), Shadow.byName("no-such-user"));
        assertEquals(Optional.empty(), Shadow.byName("ro\0ot"));
    }

    @Test
    void othersAreToldThatTheyMayNot() {
        assumeFalse(Layers.probe().uid(), "root may");
        SysException refused = assertThrows(SysException.class, () -> Shadow.byName("root"));
        assertEquals(Errno.EACCES, refused.errno());
        assertFalse(String.valueOf(refused.getMessage()).isEmpty());
    }
}
