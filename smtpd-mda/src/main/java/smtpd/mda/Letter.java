package smtpd.mda;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/// A message with the trace fields of its final delivery on top (RFC 5321 §4.4), to be written
/// once.
///
/// The header is read ahead, so that it can be looked at before the first byte is written.
final class Letter {
    private final Content content;
    private final HeaderScan header = new HeaderScan();
    private final ArrayDeque<Bytes> ahead = new ArrayDeque<>();
    private boolean ended;

    private Letter(Content content) {
        this.content = content;
    }

    /// Reads ahead to the end of the header.
    static Letter read(Content content) throws DeliveryFailure {
        Letter letter = new Letter(content);
        Bytes piece;
        do {
            piece = letter.fetch();
            if (piece == null) {
                letter.header.finish();
                letter.ended = true;
            } else {
                letter.ahead.add(piece);
            }
        } while (piece != null && !letter.header.feed(piece));
        return letter;
    }

    HeaderScan header() {
        return header;
    }

    /// Writes `top` and the message, lines ended by CRLF.
    ///
    /// @throws DeliveryFailure if the content cannot be had
    /// @throws IOException if `out` fails
    void writeTo(String top, OutputStream out) throws IOException {
        out.write(top.getBytes(StandardCharsets.UTF_8));
        Bytes piece;
        while ((piece = next()) != null) {
            out.write(piece.array(), piece.offset(), piece.length());
        }
    }

    private @Nullable Bytes next() throws DeliveryFailure {
        Bytes piece = ahead.poll();
        if (piece != null || ended) {
            return piece;
        }
        return fetch();
    }

    /// Told apart from what can go wrong with the mailbox: a message cut short must never look
    /// whole.
    private @Nullable Bytes fetch() throws DeliveryFailure {
        try {
            return content.next();
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.toString() : e.getMessage();
            throw new DeliveryFailure(Verdict.tempfail("4.3.0", why));
        }
    }
}
