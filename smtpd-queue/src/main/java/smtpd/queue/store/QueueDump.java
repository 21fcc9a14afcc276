package smtpd.queue.store;

import smtpd.core.fs.DiskFs;
import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.queue.seal.MessageKeys;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Prints every record of a spool as text and verifies every checksum, without changing anything.
///
/// One line per record, indented lines for what a transaction says; damaged ranges begin with
/// `DAMAGED`. Meant for a stopped daemon; on a running one the end may show as damaged.
public final class QueueDump {
    private final SpoolFs fs;
    private final PrintStream out;
    private boolean damaged;

    /// A dump of `fs` to `out`.
    public QueueDump(SpoolFs fs, PrintStream out) {
        this.fs = fs;
        this.out = out;
    }

    /// Dumps the spool in the directory named by the only argument. Exit status 0; 1 when something
    /// is damaged or unreadable; 2 for a wrong call.
    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        int status = 2;
        if (args.length == 1) {
            try {
                status = new QueueDump(new DiskFs(Path.of(args[0])), out).run() ? 0 : 1;
            } catch (IOException e) {
                System.err.println("queue dump: " + e);
                status = 1;
            }
        } else {
            System.err.println("usage: QueueDump SPOOL");
        }
        out.flush();
        System.exit(status);
    }

    /// Prints everything; returns whether all of it is whole.
    public boolean run() throws IOException {
        for (String name : fs.list(SegmentFormat.DIR)) {
            int id = SegmentFormat.idOf(name);
            if (id != 0) {
                segment(id);
            }
        }
        return !damaged;
    }

    private void segment(int id) throws IOException {
        try (SpoolFile file = fs.openForReading(SegmentFormat.path(id))) {
            out.println("segment " + SegmentFormat.path(id) + " size " + file.size());
            SegmentScan.Found found = SegmentScan.scan(file, id, true, this::record);
            if (found.version() != 0 && !SegmentFormat.known(found.version())) {
                out.println("DAMAGED format version " + found.version() + " is not known");
                damaged = true;
            }
            for (SegmentScan.Hole hole : found.holes()) {
                out.println("DAMAGED bytes " + hole.from() + " to " + hole.to());
                damaged = true;
            }
        }
    }

    private void record(SegmentFormat.Header header, int at, ByteBuffer payload)
            throws CorruptException {
        if (header.type() == SegmentFormat.CHUNK || header.type() == SegmentFormat.CHUNK_COPY) {
            String kind = header.type() == SegmentFormat.CHUNK ? "chunk" : "chunk-copy";
            line(
                    header,
                    at,
                    String.format(
                            "%s msgid %08x number %d bytes %d",
                            kind, payload.getInt(), payload.getInt(), payload.remaining()));
            return;
        }
        line(header, at, header.type() == SegmentFormat.TX ? "tx" : "tx-copy");
        TxCodec.read(payload.duplicate(), new Printer(payload));
    }

    private void line(SegmentFormat.Header header, int at, String text) {
        out.println("  " + at + " seq " + header.sequence() + " " + text);
    }

    private final class Printer implements TxCodec.Visitor {
        private final ByteBuffer payload;

        Printer(ByteBuffer payload) {
            this.payload = payload;
        }

        @Override
        public void commit(int msgid, long size, int crc, int chunks) {
            out.printf(
                    "    commit msgid %08x size %d crc32c %08x chunks %d%n",
                    msgid, size, crc, chunks);
        }

        @Override
        public void label(int msgid, Bytes label) {
            out.printf("    label msgid %08x %s%n", msgid, MessageLabel.describe(label));
        }

        @Override
        public void roster(Bytes roster) {
            out.printf("    roster bytes %d%n", roster.length());
        }

        @Override
        public void add(long evpid, int offset, int length) {
            try {
                ByteBuffer bytes = bytes(offset, length);
                if (MessageKeys.isSealed(bytes)) {
                    out.printf("    add evpid %016x sealed bytes %d%n", evpid, length);
                    return;
                }
                Envelope e = EnvelopeCodec.read(new EvpId(evpid), bytes);
                out.printf("    add evpid %016x %s%n", evpid, text(e));
            } catch (CorruptException | IllegalArgumentException e) {
                unreadable("add", evpid, e);
            }
        }

        @Override
        public void update(long evpid, int offset, int length, int crc) {
            try {
                ByteBuffer bytes = bytes(offset, length);
                if (MessageKeys.isSealed(bytes)) {
                    out.printf("    update evpid %016x sealed bytes %d%n", evpid, length);
                    return;
                }
                Envelope.State state = EnvelopeCodec.readState(bytes);
                out.printf("    update evpid %016x %s%n", evpid, text(state));
            } catch (CorruptException e) {
                unreadable("update", evpid, e);
            }
        }

        @Override
        public void remove(long evpid, int from, int to) {
            out.printf("    remove evpid %016x segments %08x to %08x%n", evpid, from, to);
        }

        private ByteBuffer bytes(int offset, int length) throws CorruptException {
            ByteBuffer bytes = payload.slice(payload.position() + offset, length);
            if (payload.getInt(payload.position() + offset - 4) != SegmentFormat.crc(bytes)) {
                throw new CorruptException("checksum does not match");
            }
            return bytes;
        }

        private void unreadable(String what, long evpid, Exception e) {
            damaged = true;
            out.printf("DAMAGED %s evpid %016x: %s%n", what, evpid, e.getMessage());
        }
    }

    private static String text(Envelope e) {
        return e.type().word()
                + " sender <"
                + printable(e.sender().toString())
                + "> rcpt <"
                + printable(e.rcpt().toString())
                + "> dest <"
                + printable(e.dest().toString())
                + "> action "
                + printable(e.target().dispatcher())
                + " created "
                + e.created()
                + " ttl "
                + e.lifetime()
                + " "
                + text(e.state());
    }

    private static String text(Envelope.State state) {
        return "retry "
                + state.retry()
                + " lasttry "
                + state.lastTry()
                + " status "
                + state.status()
                + (state.suspended() ? " suspended" : "")
                + " error \""
                + printable(state.errorLine())
                + "\"";
    }

    /// What strangers wrote, safe for a terminal.
    private static String printable(String text) {
        StringBuilder safe = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == 0x7f || (c >= 0x80 && c < 0xa0)) {
                safe.append(String.format("\\u%04x", (int) c));
            } else {
                safe.append(c);
            }
        }
        return safe.toString();
    }
}
