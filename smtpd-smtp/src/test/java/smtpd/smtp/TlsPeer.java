package smtpd.smtp;

import org.jspecify.annotations.Nullable;

import smtpd.core.tls.Carrier;
import smtpd.core.tls.Ciphers;
import smtpd.core.tls.ClientTls;
import smtpd.core.tls.Identity;
import smtpd.core.tls.Protocols;
import smtpd.core.tls.Signer;
import smtpd.core.tls.TlsConnection;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;

/// A client that speaks SMTP line by line, in clear and then with TLS.
final class TlsPeer {
    private final InputStream in;
    private final OutputStream out;
    private @Nullable TlsConnection tls;
    List<String> protocols = Protocols.SECURE;

    TlsPeer(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    private final class Wire implements Carrier {
        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return in.read(into, offset, length);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            out.flush();
        }
    }

    TlsConnection secure(String host) throws IOException, GeneralSecurityException {
        return secure(host, null, (key, scheme, content) -> new byte[0]);
    }

    TlsConnection secure(String host, @Nullable Identity own, Signer signer)
            throws IOException, GeneralSecurityException {
        ClientTls client = ClientTls.of(own, signer, protocols, Ciphers.parse(""));
        TlsConnection made = client.connect(new Wire(), host);
        tls = made;
        return made;
    }

    /// Sends as it is, with TLS once that is there.
    void send(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (tls == null) {
            clear(text);
        } else {
            tls.write(bytes, 0, bytes.length);
        }
    }

    /// Sends in clear, whatever was agreed.
    void clear(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /// The next line, or null at the end.
    @Nullable String line() throws IOException {
        StringBuilder line = new StringBuilder();
        byte[] one = new byte[1];
        while ((tls == null ? in.read(one, 0, 1) : tls.read(one, 0, 1)) > 0) {
            if (one[0] == '\n') {
                return line.toString().stripTrailing();
            }
            line.append((char) (one[0] & 0xff));
        }
        return line.isEmpty() ? null : line.toString();
    }

    /// The next reply, its lines in one.
    String reply() throws IOException {
        StringBuilder reply = new StringBuilder();
        String line;
        do {
            line = line();
            if (line == null) {
                return "closed";
            }
            reply.append(line).append('\n');
        } while (line.length() > 3 && line.charAt(3) == '-');
        return reply.toString();
    }

    /// Says something and returns what is answered.
    String ask(String command) throws IOException {
        send(command + "\r\n");
        return reply();
    }
}
