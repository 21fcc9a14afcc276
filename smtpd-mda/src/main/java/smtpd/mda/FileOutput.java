package smtpd.mda;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/// Bytes to the end of a mailbox file. Closing it leaves the file open.
final class FileOutput extends OutputStream {
    private final MailFile file;

    FileOutput(MailFile file) {
        this.file = file;
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        file.write(ByteBuffer.wrap(bytes, offset, length));
    }
}
