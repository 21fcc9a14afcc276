package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.Esc;
import smtpd.core.mail.MsgId;
import smtpd.core.message.SevenBit;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// How the content of a message fits a server: as it is, or, where the server takes 7-bit content
/// only and there is other, converted (RFC 6152 §3), or not at all: a header beyond ASCII is never
/// taken down to ASCII (RFC 6531 §3.6).
///
/// Only a server without 8BITMIME, or one without SMTPUTF8 for a message that came with it, makes
/// us read a message before it is sent; a small one is then kept, a large one asked for again.
sealed interface Fitting {
    /// Bytes of a message that are kept between looking at it and sending it.
    int KEPT_MAX = 256 * 1024;

    /// It can be sent.
    ///
    /// @param source where it comes from now
    /// @param size its length in bytes as it will be sent
    record Fits(ContentSource source, long size) implements Fitting {}

    /// It cannot.
    ///
    /// @param status why, as a code
    /// @param why in words
    record Unfit(Esc status, String why) implements Fitting {}

    /// Conversion required but not supported (RFC 3463 §3.7).
    Esc NO_CONVERSION = new Esc(5, 6, 3);

    /// Non-ASCII addresses not permitted for that sender/recipient (RFC 6531 §3.5), and what goes
    /// with them.
    Esc NO_UTF8 = new Esc(5, 6, 7);

    /// Looks at the content of a task as far as that is necessary.
    ///
    /// @throws ContentSource.ContentLost if it cannot be read
    static Fitting of(Task task, Offers offers, ContentSource source)
            throws ContentSource.ContentLost {
        boolean eightBit = offers.has(Offers.Extension.EIGHT_BIT_MIME);
        boolean ascii = task.isUtf8() && !offers.has(Offers.Extension.SMTPUTF8);
        if (eightBit && !ascii) {
            return new Fits(source, task.size());
        }
        SevenBit.Survey survey = new SevenBit.Survey();
        List<Bytes> kept = new ArrayList<>();
        boolean small = task.size() <= KEPT_MAX;
        try (ContentSource.Content content = source.open(task.msgid())) {
            Bytes chunk;
            while ((chunk = content.next()) != null) {
                survey.write(chunk.array(), chunk.offset(), chunk.length());
                if (small) {
                    kept.add(chunk);
                }
            }
        }
        ContentSource again = small ? _ -> new Kept(kept.iterator()) : source;
        SevenBit.Finding finding = survey.finish();
        if (ascii && survey.isGlobal()) {
            return new Unfit(
                    NO_UTF8, "The server does not take internationalized headers (SMTPUTF8)");
        }
        if (eightBit) {
            return new Fits(again, task.size());
        }
        return switch (finding) {
            case SevenBit.Finding.Fit _ -> new Fits(again, task.size());
            case SevenBit.Finding.Convertible(SevenBit.Plan plan) -> converted(task, again, plan);
            case SevenBit.Finding.Unfit(String why) ->
                    new Unfit(
                            NO_CONVERSION,
                            "The server takes 7-bit messages only, and this one cannot be"
                                    + " converted: "
                                    + why);
        };
    }

    private static Fitting converted(Task task, ContentSource source, SevenBit.Plan plan)
            throws ContentSource.ContentLost {
        ContentSource converted = id -> new Converted(source, id, plan);
        long size = 0;
        try (ContentSource.Content content = converted.open(task.msgid())) {
            Bytes chunk;
            while ((chunk = content.next()) != null) {
                size += chunk.length();
            }
        }
        return new Fits(converted, size);
    }

    /// Content that was kept.
    record Kept(Iterator<Bytes> chunks) implements ContentSource.Content {
        @Override
        public @Nullable Bytes next() {
            return chunks.hasNext() ? chunks.next() : null;
        }

        @Override
        public void close() {}
    }

    /// Content on its way through a conversion.
    final class Converted implements ContentSource.Content {
        private final ContentSource.Content content;
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final SevenBit.Conversion conversion;
        private boolean finished;

        private Converted(ContentSource source, MsgId id, SevenBit.Plan plan) {
            content = source.open(id);
            conversion = new SevenBit.Conversion(plan, out::write);
        }

        @Override
        public @Nullable Bytes next() throws ContentSource.ContentLost {
            while (!finished && out.size() == 0) {
                Bytes chunk = content.next();
                if (chunk == null) {
                    conversion.finish();
                    finished = true;
                } else {
                    conversion.write(chunk.array(), chunk.offset(), chunk.length());
                }
            }
            if (out.size() == 0) {
                return null;
            }
            Bytes converted = Bytes.of(out.toByteArray());
            out.reset();
            return converted;
        }

        @Override
        public void close() {
            content.close();
        }
    }
}
