package smtpd.queue;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.core.message.HeaderScanner;
import smtpd.queue.BounceComposer.Original;
import smtpd.queue.BounceComposer.Original.Extent;
import smtpd.queue.store.Content;
import smtpd.queue.store.Piece;
import smtpd.queue.store.Store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Puts a report together with what it returns of the original: the header, or all of it where that
/// was asked for.
///
/// @param store where the original is
/// @param composer writes the rest
record ReportWriter(Store store, BounceComposer composer) {
    /// Bytes of the original that a report returns at most, so that a report never outgrows what a
    /// sender takes; of a larger one it returns the header.
    static final int RETURNED_MAX = 1024 * 1024;

    /// A Message-ID that can be repeated in a header: no blanks, no folding, of bounded length.
    private static final Pattern MESSAGE_ID = Pattern.compile("<[!-;=?-~]{1,250}>");

    /// Of an original that cannot be read.
    private static final Returned NOTHING =
            new Returned(new Original(Extent.HEADER, false, false, ""), List.of());

    private record Returned(Original original, List<Bytes> pieces) {}

    /// The report's content in pieces of at most [Store#CHUNK_MAX] bytes.
    List<Bytes> write(BounceComposer.Report report) {
        Returned returned = returned(report);
        List<Bytes> pieces = new ArrayList<>();
        cut(composer.head(report, returned.original()), pieces);
        returned.pieces().forEach(piece -> cut(piece, pieces));
        cut(composer.tail(report), pieces);
        return pieces;
    }

    private static void cut(Bytes bytes, List<Bytes> pieces) {
        for (int at = 0; at < bytes.length(); at += Store.CHUNK_MAX) {
            int length = Math.min(Store.CHUNK_MAX, bytes.length() - at);
            pieces.add(Bytes.of(bytes.array(), bytes.offset() + at, length));
        }
    }

    private Returned returned(BounceComposer.Report report) {
        MsgId id = report.first().msgid();
        Optional<Content> content = store.content(id);
        if (content.isEmpty()) {
            return NOTHING;
        }
        try (Content reading = content.get()) {
            boolean fits = reading.size() <= RETURNED_MAX;
            boolean whole = report.returnsContent() && fits;
            HeaderScanner scanner = new HeaderScanner();
            List<Bytes> all = new ArrayList<>();
            while ((whole || !scanner.ended())
                    && reading.next() instanceof Piece.Chunk(Bytes bytes)) {
                scanner.write(bytes.array(), bytes.offset(), bytes.length());
                if (whole) {
                    all.add(bytes);
                }
            }
            scanner.finish();
            Bytes header = scanner.header();
            boolean global = isEightBit(header);
            boolean eightBit = global || all.stream().anyMatch(ReportWriter::isEightBit);
            Extent extent =
                    whole ? Extent.WHOLE : report.returnsContent() ? Extent.CUT : Extent.HEADER;
            return new Returned(
                    new Original(extent, eightBit, global, messageId(scanner)),
                    whole ? all : List.of(header));
        }
    }

    private static String messageId(HeaderScanner scanner) {
        List<String> ids = scanner.values("message-id");
        boolean plain = ids.size() == 1 && MESSAGE_ID.matcher(ids.getFirst()).matches();
        return plain ? ids.getFirst() : "";
    }

    private static boolean isEightBit(Bytes bytes) {
        byte[] array = bytes.array();
        int end = bytes.offset() + bytes.length();
        for (int i = bytes.offset(); i < end; i++) {
            if (array[i] < 0) {
                return true;
            }
        }
        return false;
    }
}
