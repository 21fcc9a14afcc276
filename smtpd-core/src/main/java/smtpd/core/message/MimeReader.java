package smtpd.core.message;

import org.jspecify.annotations.Nullable;

import smtpd.core.smtp.ByteSink;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Takes a message to its parts (RFC 2046 §5.1) as it streams by: headers, bodies of leaves, and
/// what stands between them. Bounded whatever the message is; keeps no body.
///
/// What cannot be read as its header promises is told by [#trouble]: reading goes on, and every
/// octet is handed over exactly once.
abstract class MimeReader implements ByteSink {
    /// Multiparts and messages within each other.
    private static final int DEPTH_MAX = 32;

    /// A line is looked at as a whole up to this length; a boundary is never longer.
    private static final int LINE_MAX = 1024;

    private final List<Part> open = new ArrayList<>();
    private HeaderBlock header = new HeaderBlock();
    private Part leaf;
    private State state = State.HEADER;
    private final byte[] line = new byte[LINE_MAX];
    private int length;
    private boolean inLine;
    private int leaves;

    private enum State {
        HEADER,
        LEAF,
        BETWEEN
    }

    /// One part of the message, or the message.
    ///
    /// @param type what it is
    /// @param encoding its Content-Transfer-Encoding in lower case; empty if none is named
    /// @param place where it stands
    /// @param leaf its number among the leaves; -1 for what has parts itself
    record Part(ContentType type, String encoding, Place place, int leaf) {
        boolean isEncoded() {
            return encoding.equals("base64") || encoding.equals("quoted-printable");
        }

        /// Nothing, or what says that octets stand for themselves.
        boolean isIdentity() {
            return switch (encoding) {
                case "", "7bit", "8bit", "binary" -> true;
                default -> false;
            };
        }
    }

    /// Where a part stands.
    enum Place {
        /// It is the message.
        TOP,
        /// It is a message in another.
        MESSAGE,
        /// In another part.
        INSIDE,
        /// In something signed or encrypted.
        SEALED
    }

    MimeReader() {
        leaf = new Part(ContentType.TEXT, "", Place.TOP, 0);
    }

    /// A header was read.
    ///
    /// @param block its fields
    /// @param blank whether an empty line stands behind it
    abstract void header(Part part, HeaderBlock block, boolean blank);

    /// Octets of a leaf's body, its line ends included, also the one in front of a boundary.
    abstract void body(Part part, byte[] bytes, int offset, int count);

    /// The leaf ends here.
    abstract void bodyEnd(Part part);

    /// A boundary, or what stands where no reader looks (RFC 2046 §5.1.1).
    abstract void between(byte[] bytes, int offset, int count);

    /// The message is not what it says.
    abstract void trouble(String what);

    @Override
    public final void write(byte[] bytes, int offset, int count) {
        int at = offset;
        int end = offset + count;
        while (at < end) {
            if (state == State.HEADER) {
                at += header.append(bytes, at, end - at);
                if (header.end() != HeaderBlock.End.OPEN) {
                    headerEnded();
                }
            } else {
                byte octet = bytes[at++];
                line[length++] = octet;
                if (octet == '\n' || length == LINE_MAX) {
                    line(octet == '\n');
                }
            }
        }
    }

    /// The message ends here.
    final void end() {
        if (state == State.HEADER) {
            header.finish();
            headerEnded();
        }
        if (length > 0) {
            line(false);
        }
        if (state == State.LEAF) {
            bodyEnd(leaf);
        }
        state = State.BETWEEN;
    }

    private void headerEnded() {
        HeaderBlock block = header;
        boolean blank =
                block.end() == HeaderBlock.End.COMPLETE && block.length() > block.fieldsEnd();
        if (block.end() == HeaderBlock.End.BAD_LINE || block.end() == HeaderBlock.End.TOO_BIG) {
            trouble("a header cannot be read");
        }
        Part part = part(block);
        header(part, block, blank);
        if (part.type().isMultipart() && part.leaf() < 0) {
            open.add(part);
            state = State.BETWEEN;
        } else if (part.leaf() < 0) {
            open.add(part);
            header = new HeaderBlock();
        } else {
            leaf = part;
            state = State.LEAF;
            rest(part, block);
        }
    }

    /// What a header block swallowed and is none: it counts as body.
    private void rest(Part part, HeaderBlock block) {
        boolean whole = block.end() == HeaderBlock.End.COMPLETE;
        if (!whole && block.length() > block.fieldsEnd()) {
            body(part, block.buffer(), block.fieldsEnd(), block.length() - block.fieldsEnd());
            inLine = block.buffer()[block.length() - 1] != '\n';
        }
    }

    private Part part(HeaderBlock block) {
        @Nullable Part parent = open.isEmpty() ? null : open.getLast();
        String named = value(block, "content-type");
        boolean digest = parent != null && parent.type().subtype().equals("digest");
        ContentType type =
                !named.isEmpty()
                        ? ContentType.of(named)
                        : digest ? ContentType.MESSAGE : ContentType.TEXT;
        String encoding =
                value(block, "content-transfer-encoding").strip().toLowerCase(Locale.ROOT);
        Place place = place(parent);
        Part part = new Part(type, encoding, place, -1);
        boolean readable = block.end() == HeaderBlock.End.COMPLETE && part.isIdentity();
        boolean multipart = type.isMultipart() && !type.boundary().isEmpty();
        if (readable && (multipart || type.isMessage())) {
            if (open.size() < DEPTH_MAX) {
                return part;
            }
            trouble("parts within parts without end");
        } else if (type.isMultipart()) {
            trouble("a multipart that cannot be read");
        }
        return new Part(type, encoding, place, leaves++);
    }

    private static Place place(@Nullable Part parent) {
        if (parent == null) {
            return Place.TOP;
        }
        if (parent.place() == Place.SEALED || parent.type().isSealed()) {
            return Place.SEALED;
        }
        return parent.type().isMessage() ? Place.MESSAGE : Place.INSIDE;
    }

    private static String value(HeaderBlock block, String name) {
        for (int i = 0; i < block.fields(); i++) {
            if (block.is(i, name)) {
                return block.value(i);
            }
        }
        return "";
    }

    /// Judges what is in the line buffer.
    private void line(boolean whole) {
        boolean begins = !inLine;
        inLine = !whole;
        if (begins && length > 2 && line[0] == '-' && line[1] == '-' && boundary()) {
            length = 0;
            return;
        }
        if (state == State.LEAF) {
            body(leaf, line, 0, length);
        } else {
            between(line, 0, length);
        }
        length = 0;
    }

    /// Whether the line is a boundary of a multipart that is open; ends what it ends.
    private boolean boundary() {
        String text = new String(line, 2, length - 2, StandardCharsets.ISO_8859_1).stripTrailing();
        for (int i = open.size() - 1; i >= 0; i--) {
            Part part = open.get(i);
            String mark = part.type().boundary();
            if (!part.type().isMultipart() || !text.startsWith(mark)) {
                continue;
            }
            boolean next = text.length() == mark.length();
            if (!next && !text.substring(mark.length()).equals("--")) {
                continue;
            }
            if (state == State.LEAF) {
                bodyEnd(leaf);
            }
            open.subList(next ? i + 1 : i, open.size()).clear();
            between(line, 0, length);
            header = new HeaderBlock();
            state = next ? State.HEADER : State.BETWEEN;
            inLine = false;
            return true;
        }
        return false;
    }
}
