package smtpd.queue;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MsgId;
import smtpd.queue.store.Content;
import smtpd.queue.store.Piece;
import smtpd.queue.store.Store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Puts a report together with what it returns of the original: the header, or all of it where that
/// was asked for.
///
/// @param store where the original is
/// @param composer writes the rest
record ReportWriter(Store store, BounceComposer composer) {
    /// Bytes of the original that a report returns at most, so that a report never outgrows what a
    /// sender takes.
    static final int RETURNED_MAX = 1024 * 1024;

    private static final byte[] END_OF_HEADER = {'\r', '\n', '\r', '\n'};

    /// The report's content in pieces of at most [Store#CHUNK_MAX] bytes.
    List<Bytes> write(BounceComposer.Report report) {
        List<Bytes> pieces = new ArrayList<>();
        cut(composer.head(report), pieces);
        MsgId original = report.about().getFirst().msgid();
        Optional<Content> content = store.content(original);
        if (content.isPresent()) {
            try (Content reading = content.get()) {
                returned(reading, report.returnsContent(), pieces);
            }
        }
        cut(composer.tail(report), pieces);
        return pieces;
    }

    private static void cut(Bytes bytes, List<Bytes> pieces) {
        for (int at = 0; at < bytes.length(); at += Store.CHUNK_MAX) {
            int length = Math.min(Store.CHUNK_MAX, bytes.length() - at);
            pieces.add(Bytes.of(bytes.array(), bytes.offset() + at, length));
        }
    }

    private static void returned(Content content, boolean whole, List<Bytes> pieces) {
        int left = RETURNED_MAX;
        while (left > 0 && content.next() instanceof Piece.Chunk(Bytes bytes)) {
            int end = whole ? -1 : endOfHeader(bytes);
            int length = Math.min(left, end < 0 ? bytes.length() : end);
            if (length > 0) {
                pieces.add(Bytes.of(bytes.array(), bytes.offset(), length));
            }
            left = end < 0 ? left - length : 0;
        }
    }

    /// Where the header ends, its last line end included; -1 if not in these bytes.
    private static int endOfHeader(Bytes bytes) {
        byte[] array = bytes.array();
        int last = bytes.offset() + bytes.length() - END_OF_HEADER.length;
        for (int i = bytes.offset(); i <= last; i++) {
            if (Arrays.equals(array, i, i + 4, END_OF_HEADER, 0, 4)) {
                return i + 2 - bytes.offset();
            }
        }
        return -1;
    }
}
