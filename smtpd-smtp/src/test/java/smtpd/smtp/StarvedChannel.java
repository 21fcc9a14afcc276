package smtpd.smtp;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// A listening socket of a process without free descriptors: accepting fails a number of times,
/// then works.
final class StarvedChannel extends ServerSocketChannel {
    private final ServerSocketChannel real;
    private final int failures;
    private final List<Long> tries = new CopyOnWriteArrayList<>();

    StarvedChannel(ServerSocketChannel real, int failures) {
        super(real.provider());
        this.real = real;
        this.failures = failures;
    }

    /// When it was asked to accept, in nanoseconds.
    List<Long> tries() {
        return List.copyOf(tries);
    }

    @Override
    public SocketChannel accept() throws IOException {
        tries.add(System.nanoTime());
        if (tries.size() <= failures) {
            throw new IOException("Too many open files");
        }
        return real.accept();
    }

    @Override
    public ServerSocketChannel bind(@Nullable SocketAddress local, int backlog) throws IOException {
        real.bind(local, backlog);
        return this;
    }

    @Override
    public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
        real.setOption(name, value);
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        return real.getOption(name);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return real.supportedOptions();
    }

    @Override
    public ServerSocket socket() {
        return real.socket();
    }

    @Override
    public SocketAddress getLocalAddress() throws IOException {
        return real.getLocalAddress();
    }

    @Override
    protected void implCloseSelectableChannel() throws IOException {
        real.close();
    }

    @Override
    protected void implConfigureBlocking(boolean block) throws IOException {
        real.configureBlocking(block);
    }
}
