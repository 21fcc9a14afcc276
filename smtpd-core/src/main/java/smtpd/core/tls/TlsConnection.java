package smtpd.core.tls;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/// A connection with TLS, in blocking style, for one thread. Buffers for records exist only while
/// there are records: an idle connection keeps a few hundred bytes and the engine.
public final class TlsConnection {
    /// Room for what is received while nothing is expected: a record with a command in it.
    private static final int SMALL = 256;

    /// RFC 8446 §5.1: type, version, length.
    private static final int RECORD_HEAD = 5;

    /// Types of records (RFC 8446 §5.1): change_cipher_spec, alert, handshake, application_data.
    private static final int TYPE_MIN = 20;

    private static final int TYPE_MAX = 23;

    /// The first half of the version in every record's head (RFC 8446 §5.1).
    private static final int MAJOR = 3;

    /// Records in a row that bring nothing to read, before we call it an attack: some follow a
    /// handshake, and a peer may change keys now and then.
    private static final int EMPTY_MAX = 64;

    private static final byte[] NOTHING = new byte[0];

    private final SSLEngine engine;
    private final Carrier carrier;
    private byte[] raw = new byte[SMALL];
    private int rawStart;
    private int rawEnd;
    private byte[] clear = NOTHING;
    private int clearStart;
    private int clearEnd;
    private boolean begun;
    private boolean established;
    private boolean ended;

    private TlsConnection(SSLEngine engine, Carrier carrier) {
        this.engine = engine;
        this.carrier = carrier;
    }

    static TlsConnection shakeHands(SSLEngine engine, Carrier carrier) throws IOException {
        TlsConnection connection = new TlsConnection(engine, carrier);
        try {
            engine.beginHandshake();
            connection.shakeHands();
        } catch (SSLException e) {
            connection.tellWhy();
            throw e;
        }
        connection.established = true;
        return connection;
    }

    private void shakeHands() throws IOException {
        HandshakeStatus status = engine.getHandshakeStatus();
        while (status != HandshakeStatus.NOT_HANDSHAKING && status != HandshakeStatus.FINISHED) {
            switch (status) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> wrapAll();
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!unwrap()) {
                        throw new EOFException("closed during the handshake");
                    }
                }
                case NOT_HANDSHAKING, FINISHED -> {}
            }
            status = engine.getHandshakeStatus();
        }
    }

    private void runTasks() {
        Runnable task;
        while ((task = engine.getDelegatedTask()) != null) {
            task.run();
        }
    }

    /// Sends every record of the engine's own that is due, in one piece.
    private void wrapAll() throws IOException {
        byte[] out = Scratch.take();
        try {
            int length = 0;
            do {
                if (out.length - length < engine.getSession().getPacketBufferSize()) {
                    carrier.write(out, 0, length);
                    length = 0;
                }
                ByteBuffer into = ByteBuffer.wrap(out, length, out.length - length);
                SSLEngineResult result = engine.wrap(ByteBuffer.wrap(NOTHING), into);
                length += result.bytesProduced();
                if (result.bytesProduced() == 0) {
                    break;
                }
            } while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP);
            if (length > 0) {
                carrier.write(out, 0, length);
            }
        } finally {
            Scratch.give(out);
        }
    }

    /// Sends the alert that says why we give up, if it can be sent.
    private void tellWhy() {
        ended = true;
        try {
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                wrapAll();
            }
        } catch (IOException _) {
            // the peer has to do without
        }
    }

    /// Takes one record from the carrier through the engine; false at the end of the stream.
    private boolean unwrap() throws IOException {
        while (rawEnd - rawStart < needed()) {
            if (!fill()) {
                return false;
            }
        }
        // no record is longer in clear than it was encrypted
        byte[] out = needed() <= SMALL ? new byte[SMALL] : Scratch.take();
        boolean kept = false;
        try {
            ByteBuffer in = ByteBuffer.wrap(raw, rawStart, rawEnd - rawStart);
            SSLEngineResult result = engine.unwrap(in, ByteBuffer.wrap(out));
            rawStart = in.position();
            begun = true;
            forgetRaw();
            kept = keep(out, result.bytesProduced());
            return switch (result.getStatus()) {
                case OK -> true;
                case CLOSED -> false;
                case BUFFER_UNDERFLOW, BUFFER_OVERFLOW ->
                        throw new SSLException("a record that is none");
            };
        } finally {
            if (!kept) {
                Scratch.give(out);
            }
        }
    }

    /// Keeps what was decrypted; true if `out` itself was kept.
    private boolean keep(byte[] out, int length) {
        if (length == 0) {
            return false;
        }
        clear = out;
        clearStart = 0;
        clearEnd = length;
        return true;
    }

    private void forgetRaw() {
        if (rawStart == rawEnd) {
            rawStart = 0;
            rawEnd = 0;
            if (raw.length > SMALL) {
                Scratch.give(raw);
                raw = new byte[SMALL];
            }
        }
    }

    /// Receives more of a record; false at the end of the stream.
    private boolean fill() throws IOException {
        int have = rawEnd - rawStart;
        if (needed() > raw.length) {
            byte[] larger = Scratch.take();
            System.arraycopy(raw, rawStart, larger, 0, have);
            Scratch.give(raw);
            raw = larger;
        } else if (rawStart > 0) {
            System.arraycopy(raw, rawStart, raw, 0, have);
        }
        rawStart = 0;
        rawEnd = have;
        int count = carrier.read(raw, rawEnd, raw.length - rawEnd);
        rawEnd += Math.max(count, 0);
        return count >= 0;
    }

    /// Bytes of the record that has begun, or of its head while that is not complete. What does not
    /// look like a record is refused; at the very beginning by the engine, which says so.
    private int needed() throws SSLException {
        if (rawEnd - rawStart < RECORD_HEAD) {
            return RECORD_HEAD;
        }
        int type = raw[rawStart];
        if (type < TYPE_MIN || type > TYPE_MAX || raw[rawStart + 1] != MAJOR) {
            if (begun) {
                throw new SSLException("not TLS");
            }
            return RECORD_HEAD;
        }
        int length = ((raw[rawStart + 3] & 0xff) << 8) + (raw[rawStart + 4] & 0xff);
        if (RECORD_HEAD + length > Scratch.SIZE) {
            throw new SSLException("a record is too long");
        }
        return RECORD_HEAD + length;
    }

    /// Up to `length` bytes into `into`; waits for at least one. Returns -1 at the end: the peer
    /// said that it has finished, or the carrier is at its end. Whatever comes after that is not
    /// looked at.
    ///
    /// @throws IOException if what comes is not from the peer of the handshake, or not TLS
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        int empty = 0;
        while (clearStart == clearEnd) {
            if (ended || !receive()) {
                ended = true;
                return -1;
            }
            if (++empty > EMPTY_MAX && clearStart == clearEnd) {
                ended = true;
                throw new SSLException("too many records without content");
            }
        }
        int count = Math.min(length, clearEnd - clearStart);
        System.arraycopy(clear, clearStart, into, offset, count);
        clearStart += count;
        if (clearStart == clearEnd) {
            Scratch.give(clear);
            clear = NOTHING;
            clearStart = 0;
            clearEnd = 0;
        }
        return count;
    }

    private boolean receive() throws IOException {
        try {
            boolean more = unwrap();
            if (more) {
                settle();
            }
            return more;
        } catch (SSLException e) {
            tellWhy();
            throw e;
        }
    }

    /// Does what the engine wants after a record that was not content: TLS 1.3 may change keys. In
    /// TLS 1.2 that would be a new handshake, which nobody gets.
    private void settle() throws IOException {
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NOT_HANDSHAKING) {
            return;
        }
        if (established && !engine.getSession().getProtocol().equals("TLSv1.3")) {
            throw new SSLException("renegotiation");
        }
        while (status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP) {
            if (status == HandshakeStatus.NEED_TASK) {
                runTasks();
            } else {
                wrapAll();
            }
            status = engine.getHandshakeStatus();
        }
    }

    /// Bytes that have arrived and were not read, decrypted or not. More than 0 does not promise
    /// that reading would not wait.
    public int available() {
        return clearEnd - clearStart + rawEnd - rawStart;
    }

    /// Sends all of it; waits until it is on its way.
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        byte[] out = Scratch.take();
        try {
            while (in.hasRemaining()) {
                SSLEngineResult result = engine.wrap(in, ByteBuffer.wrap(out));
                if (result.getStatus() != SSLEngineResult.Status.OK) {
                    throw new SSLException("closed");
                }
                carrier.write(out, 0, result.bytesProduced());
            }
        } finally {
            Scratch.give(out);
        }
    }

    /// Says that nothing will follow, if it can be said. The carrier remains open.
    public void close() {
        ended = true;
        engine.closeOutbound();
        try {
            if (!engine.isOutboundDone()) {
                wrapAll();
            }
        } catch (IOException _) {
            // the peer is gone
        }
        Scratch.give(raw);
        raw = NOTHING;
        rawStart = 0;
        rawEnd = 0;
    }

    /// What the handshake came to.
    public TlsFacts facts() {
        SSLSession session = engine.getSession();
        String name = session.getCipherSuite();
        return Suite.of(name)
                .map(suite -> new TlsFacts(session.getProtocol(), suite.openssl(), suite.bits()))
                .orElseGet(() -> new TlsFacts(session.getProtocol(), name, 0));
    }

    /// The certificates the peer showed, its own first; empty if it showed none. Nobody has looked
    /// at them unless the terms of the handshake said so.
    public List<X509Certificate> peerChain() {
        try {
            return certificates(engine.getSession().getPeerCertificates());
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }

    /// The certificates we showed, our own first; empty if we showed none.
    public List<X509Certificate> ownChain() {
        Certificate[] shown = engine.getSession().getLocalCertificates();
        return shown == null ? List.of() : certificates(shown);
    }

    private static List<X509Certificate> certificates(Certificate[] chain) {
        List<X509Certificate> certificates = new ArrayList<>(chain.length);
        for (Certificate one : chain) {
            if (one instanceof X509Certificate certificate) {
                certificates.add(certificate);
            }
        }
        return certificates;
    }

    /// Keying material for `label` without a context (RFC 5705, RFC 8446 §7.5), such as
    /// `EXPORTER-Channel-Binding` with 32 bytes (RFC 9266 §4.1).
    ///
    /// @throws SSLException if the connection has none that is safe to use
    public byte[] export(String label, int length) throws SSLException {
        if (engine.getSession() instanceof ExtendedSSLSession session) {
            return Arrays.copyOf(session.exportKeyingMaterialData(label, NOTHING, length), length);
        }
        throw new SSLException("no keying material");
    }
}
