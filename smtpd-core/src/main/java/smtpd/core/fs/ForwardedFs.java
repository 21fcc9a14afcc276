package smtpd.core.fs;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// A spool that hands everything on to another, for those that change one thing of it.
public class ForwardedFs implements SpoolFs {
    private final SpoolFs fs;

    /// @param fs the other
    protected ForwardedFs(SpoolFs fs) {
        this.fs = fs;
    }

    @Override
    public SpoolFile create(String name) throws IOException {
        return fs.create(name);
    }

    @Override
    public SpoolFile open(String name) throws IOException {
        return fs.open(name);
    }

    @Override
    public SpoolFile openForReading(String name) throws IOException {
        return fs.openForReading(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        fs.rename(from, to);
    }

    @Override
    public void unlink(String name) throws IOException {
        fs.unlink(name);
    }

    @Override
    public void makeDir(String dir) throws IOException {
        fs.makeDir(dir);
    }

    @Override
    public List<String> list(String dir) throws IOException {
        return fs.list(dir);
    }

    @Override
    public void forceDir(String dir) throws IOException {
        fs.forceDir(dir);
    }

    @Override
    public long usableSpace() throws IOException {
        return fs.usableSpace();
    }

    @Override
    public long totalSpace() throws IOException {
        return fs.totalSpace();
    }

    @Override
    public Closeable lock(String name) throws IOException {
        return fs.lock(name);
    }
}
