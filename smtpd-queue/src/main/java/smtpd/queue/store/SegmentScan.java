package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.SpoolFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Reads a segment file record by record and finds what is damaged.
///
/// A record whose checksum fails does not end the scan: the next one that is whole, at one of the
/// following 8-byte boundaries, goes on. Records are independent, so each whole one counts.
final class SegmentScan {
    /// Little, because of most content only the beginning is looked at.
    private static final int WINDOW = 16 * 1024;

    /// Told about each whole record; throws [CorruptException] to have it counted as damaged.
    interface Visitor {
        /// A transaction or chunk at `position`. The payload is whole and verified, but for a chunk
        /// of a scan that does not verify content: then it is the prefix only.
        void record(SegmentFormat.Header header, int position, ByteBuffer payload)
                throws IOException;
    }

    /// A damaged range.
    ///
    /// @param from where it begins
    /// @param to where it ends
    /// @param last whether no whole record follows
    /// @param synced whether a later record knows that it was durable once
    record Hole(int from, int to, boolean last, boolean synced) {}

    /// What a scan found.
    ///
    /// @param version the file's format version, 0 when its header is damaged
    /// @param end where the last whole record ends
    /// @param synced the highest durable mark
    /// @param sequence the highest sequence number
    /// @param holes the damaged ranges, ascending
    record Found(int version, int end, int synced, long sequence, List<Hole> holes) {}

    private final Window window;
    private final int segment;
    private final int size;
    private final boolean verify;
    private final Visitor visitor;
    private final List<int[]> holes = new ArrayList<>();
    private int end = SegmentFormat.FILE_HEADER;
    private int synced;
    private long sequence;

    private SegmentScan(SpoolFile file, int segment, int size, boolean verify, Visitor visitor) {
        this.window = new Window(file, WINDOW);
        this.segment = segment;
        this.size = size;
        this.verify = verify;
        this.visitor = visitor;
    }

    /// Scans the file of a segment; with `verify` every byte of content too.
    static Found scan(SpoolFile file, int segment, boolean verify, Visitor visitor)
            throws IOException {
        int size = Math.toIntExact(file.size());
        return new SegmentScan(file, segment, size, verify, visitor).run();
    }

    private Found run() throws IOException {
        int version = version();
        if (version != 0 && !SegmentFormat.known(version)) {
            return new Found(version, 0, 0, 0, List.of());
        }
        if (version == 0) {
            holes.add(new int[] {0, Math.min(size, SegmentFormat.FILE_HEADER)});
        }
        int at = SegmentFormat.FILE_HEADER;
        while (at < size) {
            SegmentFormat.Header header = headerAt(at);
            int next = header == null ? search(at + SegmentFormat.ALIGN) : header.next(at);
            if (header != null && take(header, at)) {
                end = Math.min(size, next);
                synced = Math.max(synced, header.synced());
                sequence = Math.max(sequence, header.sequence());
            } else {
                holes.add(new int[] {at, Math.min(size, next)});
            }
            at = next;
        }
        return new Found(version, end, synced, sequence, merged());
    }

    private int version() throws IOException {
        return size < SegmentFormat.FILE_HEADER
                ? 0
                : SegmentFormat.version(window.at(0, SegmentFormat.FILE_HEADER), segment);
    }

    /// The header at a position, if there is one and its record fits into the file.
    private SegmentFormat.@Nullable Header headerAt(int at) throws IOException {
        if (at > size - SegmentFormat.RECORD_HEADER) {
            return null;
        }
        SegmentFormat.Header header =
                SegmentFormat.header(window.at(at, SegmentFormat.RECORD_HEADER), segment);
        return header != null && header.length() <= size - at - SegmentFormat.RECORD_HEADER
                ? header
                : null;
    }

    private int search(int from) throws IOException {
        for (int at = from; at < size; at += SegmentFormat.ALIGN) {
            if (headerAt(at) != null) {
                return at;
            }
        }
        return size;
    }

    private boolean take(SegmentFormat.Header header, int at) throws IOException {
        if (header.type() == SegmentFormat.VOID) {
            return true;
        }
        boolean chunk =
                header.type() == SegmentFormat.CHUNK || header.type() == SegmentFormat.CHUNK_COPY;
        boolean known =
                chunk
                        || header.type() == SegmentFormat.TX
                        || header.type() == SegmentFormat.TX_COPY;
        if (!known || (chunk && header.length() < SegmentFormat.CHUNK_PREFIX)) {
            return false;
        }
        boolean whole = !chunk || verify;
        int length = whole ? header.length() : SegmentFormat.CHUNK_PREFIX;
        ByteBuffer payload = window.at(at + SegmentFormat.RECORD_HEADER, length);
        if (whole && SegmentFormat.crc(payload) != header.payloadCrc()) {
            return false;
        }
        try {
            visitor.record(header, at, payload);
            return true;
        } catch (CorruptException _) {
            return false;
        }
    }

    private List<Hole> merged() {
        List<Hole> merged = new ArrayList<>();
        for (int i = 0; i < holes.size(); i++) {
            int from = holes.get(i)[0];
            int to = holes.get(i)[1];
            while (i + 1 < holes.size() && holes.get(i + 1)[0] == to) {
                i++;
                to = holes.get(i)[1];
            }
            merged.add(new Hole(from, to, from >= end || to >= size, from < synced));
        }
        return merged;
    }
}
