package smtpd.core.sys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

class UnixDatagramsTest {
    private static final int BIND = Sys.X86_64 ? 49 : 200;

    /// A datagram socket that receives at an address.
    private static int receiver(String address) throws SysException {
        int fd = (int) Native.call("socket", Sys.SOCKET, 1, 2, 0);
        try (Arena arena = Arena.ofConfined()) {
            var at = SocketAddresses.unix(arena, address);
            Native.call("bind", BIND, fd, at.address(), at.byteSize());
        }
        return fd;
    }

    private static byte[] next(int fd) throws IOException {
        InputStream in = Descriptors.input(fd);
        byte[] buf = new byte[100];
        return java.util.Arrays.copyOf(buf, in.read(buf));
    }

    @Test
    void aMessageArrivesWhole(@TempDir Path dir) throws IOException {
        String path = dir.resolve("log").toString();
        int fd = receiver(path);
        try (UnixDatagrams log = UnixDatagrams.to(path)) {
            assertTrue(log.send(new byte[] {1, 2, 3}));
            assertArrayEquals(new byte[] {1, 2, 3}, next(fd));
            assertEquals(0, log.dropped());
        } finally {
            Descriptors.close(fd);
        }
    }

    @Test
    void aReceiverThatComesBackGetsTheNextMessage(@TempDir Path dir) throws IOException {
        Path path = dir.resolve("log");
        try (UnixDatagrams log = UnixDatagrams.to(path.toString())) {
            assertFalse(log.send(new byte[] {1}));
            int first = receiver(path.toString());
            assertTrue(log.send(new byte[] {2}));
            Descriptors.close(first);
            Files.delete(path);
            assertFalse(log.send(new byte[] {3}));
            int second = receiver(path.toString());
            assertTrue(log.send(new byte[] {4}));
            assertArrayEquals(new byte[] {4}, next(second));
            Descriptors.close(second);
            assertEquals(2, log.dropped());
        }
    }

    @Test
    void aFullReceiverNeverHoldsUsUp(@TempDir Path dir) throws IOException {
        String path = dir.resolve("log").toString();
        int fd = receiver(path);
        try (UnixDatagrams log = UnixDatagrams.to(path)) {
            for (int i = 0; i < 5000 && log.dropped() == 0; i++) {
                log.send(new byte[1000]);
            }
            assertEquals(1, log.dropped());
        } finally {
            Descriptors.close(fd);
        }
    }

    @Test
    void theServiceManagerIsToldAtAnAbstractAddress() throws IOException {
        String name = "@smtpd-test-" + ProcessHandle.current().pid();
        int fd = receiver(name);
        try {
            assertTrue(UnixDatagrams.notify(name, "READY=1"));
            assertEquals(7, next(fd).length);
            assertFalse(UnixDatagrams.notify("", "READY=1"));
        } finally {
            Descriptors.close(fd);
        }
    }

    @Test
    void anAddressTooLongIsRefused() {
        assertThrows(SysException.class, () -> UnixDatagrams.to("/" + "x".repeat(200)));
    }
}
