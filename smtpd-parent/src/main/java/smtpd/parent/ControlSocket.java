package smtpd.parent;

import smtpd.core.sys.Channels;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// Opens the control socket, the only one of ours that has a name. Anyone may connect; who may ask
/// what is control's business.
final class ControlSocket {
    /// Connections that may wait to be accepted.
    private static final int BACKLOG = 128;

    private ControlSocket() {}

    /// @return the listening socket's descriptor, open until the process ends
    /// @throws IOException if it cannot be made, or a daemon is already listening there
    static int open(Path path) throws IOException {
        if (answers(path)) {
            throw new IOException(path + ": smtpd is already running");
        }
        Files.deleteIfExists(path);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channel.bind(UnixDomainSocketAddress.of(path), BACKLOG);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
        return Channels.fd(channel);
    }

    private static boolean answers(Path path) {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
