package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class HostNameTest {
    @TempDir Path dir;

    @Test
    void firstLineOfMailnameGoesBeforeTheHostName() throws IOException {
        Path file = Files.writeString(dir.resolve("mailname"), " mx.example.org \nother\n");
        assertEquals("mx.example.org", HostName.find(file, "host.example.net"));
    }

    @Test
    void qualifiedHostNameIsUsedAsItIs() throws IOException {
        assertEquals("host.example.net", HostName.find(dir.resolve("none"), "host.example.net"));
        Path empty = Files.writeString(dir.resolve("empty"), "");
        assertEquals("host.example.net", HostName.find(empty, "host.example.net"));
    }
}
