package smtpd.queue.store;

import org.jspecify.annotations.Nullable;

import smtpd.core.fs.NoDescriptorException;
import smtpd.core.fs.NoSpaceException;
import smtpd.core.fs.SpoolFile;
import smtpd.core.fs.SpoolFs;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MsgId;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// The files of [FsStore]: their names, and what is in them.
///
/// `messages/XX/` by the first byte of the message id holds `MSGID.eml`, the content as it was
/// appended; `MSGID.msg`, lines with its size, CRC-32C and label, the last line the CRC-32C of
/// those before; and `EVPID.env` for each envelope, a line with lengths and checksums, then the
/// envelope, then its latest state if there is one.
///
/// Every file but content is written under another name, synced and renamed; directories that
/// changed are remembered until [#settle].
final class FsFiles {
    static final String DIR = "messages";
    static final String JOURNAL = DIR + "/journal";

    /// Says how all the others are written; one that wrote them otherwise would say so first.
    static final String FORMAT = DIR + "/format";

    static final String ROSTER = DIR + "/roster";
    static final String CONTENT = ".eml";
    static final String MESSAGE = ".msg";
    static final String ENVELOPE = ".env";
    static final String UNFINISHED = ".new";

    private static final int BUCKETS = 256;
    private static final String FORMAT_TEXT = "smtpd-files 1\n";
    private static final String MESSAGE_MAGIC = "smtpd-message 1";
    private static final String ENVELOPE_WORD = "smtpd-envelope";
    private static final String ENVELOPE_VERSION = "1";

    /// Longest first line of an envelope file.
    private static final int LINE_MAX = 80;

    private static final HexFormat HEX = HexFormat.of();

    private final SpoolFs fs;
    private final NavigableSet<String> changed = new TreeSet<>();

    FsFiles(SpoolFs fs) {
        this.fs = fs;
    }

    /// Makes the directories that are missing.
    void makeDirs() throws IOException {
        fs.makeDir(DIR);
        for (int i = 0; i < BUCKETS; i++) {
            fs.makeDir(bucket(i));
        }
        fs.makeDir(SegmentFormat.CORRUPT_DIR);
        force(DIR);
        force("");
    }

    /// Says how files are written, if nothing does that can be read; throws [SpoolRefusedException]
    /// when it is a version that is not known.
    void checkFormat() throws IOException {
        try {
            String found = text(read(FORMAT));
            int end = found.indexOf('\n') + 1;
            if (found.equals(summed(FORMAT_TEXT))) {
                return;
            }
            if (end > 0 && found.equals(summed(found.substring(0, end)))) {
                throw new SpoolRefusedException(
                        FORMAT
                                + ": \""
                                + found.substring(0, end - 1)
                                + "\", this program knows \""
                                + FORMAT_TEXT.strip()
                                + "\"");
            }
        } catch (NoSuchFileException _) {
            // files of the first version
        }
        write(FORMAT, ascii(summed(FORMAT_TEXT)));
        settle();
    }

    /// A text with its CRC-32C in a line behind it.
    private static String summed(String text) {
        return text + HEX.toHexDigits(SegmentFormat.crc(ascii(text))) + "\n";
    }

    static List<String> buckets() {
        return IntStream.range(0, BUCKETS).mapToObj(FsFiles::bucket).toList();
    }

    private static String bucket(int first) {
        return DIR + "/" + HEX.toHexDigits((byte) first);
    }

    private static String bucket(MsgId id) {
        return bucket(id.value() >>> 24);
    }

    static String content(MsgId id) {
        return bucket(id) + "/" + id + CONTENT;
    }

    static String message(MsgId id) {
        return bucket(id) + "/" + id + MESSAGE;
    }

    static String envelope(EvpId id) {
        return bucket(id.msgid()) + "/" + id + ENVELOPE;
    }

    /// A sync that fails is never asked again, not even when it says that it lacked space.
    private void force(String dir) throws IOException {
        try {
            fs.forceDir(dir);
        } catch (NoDescriptorException e) {
            throw e;
        } catch (NoSpaceException e) {
            throw new IOException("a sync failed for lack of space", e);
        }
    }

    static void force(SpoolFile file) throws IOException {
        try {
            file.force();
        } catch (NoSpaceException e) {
            throw new IOException("a sync failed for lack of space", e);
        }
    }

    /// Creates a file in the place of what may have been left there.
    SpoolFile create(String name) throws IOException {
        unlink(name);
        SpoolFile file = fs.create(name);
        changed(name);
        return file;
    }

    /// Writes a file as a whole: it is there with all of `bytes` or as it was before.
    void write(String name, ByteBuffer bytes) throws IOException {
        String unfinished = name + UNFINISHED;
        try (SpoolFile file = create(unfinished)) {
            file.write(0, bytes);
            force(file);
        }
        fs.rename(unfinished, name);
        changed(name);
    }

    void unlink(String name) throws IOException {
        try {
            fs.unlink(name);
            changed(name);
        } catch (NoSuchFileException _) {
            // as it should be
        }
    }

    private void changed(String name) {
        changed.add(name.substring(0, name.lastIndexOf('/')));
    }

    /// Makes the names durable that were made, changed or removed.
    void settle() throws IOException {
        while (!changed.isEmpty()) {
            force(changed.first());
            changed.removeFirst();
        }
    }

    /// All of a file; throws [NoSuchFileException] if there is none.
    ByteBuffer read(String name) throws IOException {
        try (SpoolFile file = fs.openForReading(name)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
            file.read(0, bytes);
            return bytes.flip();
        }
    }

    /// The roster; empty if there is none.
    Bytes readRoster() throws IOException {
        try {
            return Bytes.of(read(ROSTER).array());
        } catch (NoSuchFileException _) {
            return Bytes.EMPTY;
        }
    }

    void writeRoster(Bytes roster) throws IOException {
        write(ROSTER, buffer(roster));
    }

    void writeMessage(FsMessage message) throws IOException {
        String text =
                MESSAGE_MAGIC
                        + "\nsize "
                        + message.size
                        + "\ncrc32c "
                        + HEX.toHexDigits(message.crc)
                        + "\nlabel "
                        + HEX.formatHex(message.label.toByteArray())
                        + "\n";
        write(message(message.id), ascii(summed(text)));
    }

    /// Reads what [#writeMessage] wrote; throws [CorruptException] when it is something else,
    /// [SpoolRefusedException] when it is of a later version.
    FsMessage readMessage(MsgId id) throws IOException {
        String text = text(read(message(id)));
        int end = text.length() - 9;
        String[] lines = text.split("\n", -1);
        try {
            if (lines.length != 6 || end < 0 || !text.equals(summed(text.substring(0, end)))) {
                throw new CorruptException(message(id) + ": checksum does not match");
            }
            if (!lines[0].equals(MESSAGE_MAGIC)) {
                throw new SpoolRefusedException(message(id) + ": \"" + lines[0] + "\" not known");
            }
            return new FsMessage(
                    id,
                    Long.parseLong(value(lines[1], "size ")),
                    HexFormat.fromHexDigits(value(lines[2], "crc32c ")),
                    Bytes.of(HEX.parseHex(value(lines[3], "label "))));
        } catch (IllegalArgumentException _) {
            throw new CorruptException(message(id) + ": not a message");
        }
    }

    private static String value(String line, String key) {
        if (!line.startsWith(key)) {
            throw new IllegalArgumentException(key);
        }
        return line.substring(key.length());
    }

    void writeEnvelope(EvpId id, Bytes envelope, @Nullable Bytes state) throws IOException {
        Bytes last = state == null ? Bytes.EMPTY : state;
        String line =
                ENVELOPE_WORD
                        + " "
                        + ENVELOPE_VERSION
                        + " "
                        + envelope.length()
                        + " "
                        + HEX.toHexDigits(SegmentFormat.crc(buffer(envelope)))
                        + " "
                        + last.length()
                        + " "
                        + HEX.toHexDigits(SegmentFormat.crc(buffer(last)))
                        + "\n";
        ByteBuffer bytes = ByteBuffer.allocate(line.length() + envelope.length() + last.length());
        bytes.put(ascii(line)).put(buffer(envelope)).put(buffer(last));
        write(envelope(id), bytes.flip());
    }

    /// Reads what [#writeEnvelope] wrote; throws [CorruptException] when it is something else,
    /// [SpoolRefusedException] when it is of a later version.
    Stored.Found readEnvelope(EvpId id) throws IOException {
        String name = envelope(id);
        ByteBuffer file = read(name);
        int end = 0;
        while (end < Math.min(LINE_MAX, file.limit()) && file.get(end) != '\n') {
            end++;
        }
        String[] words = text(file.slice(0, end)).split(" ", -1);
        try {
            if (words.length != 6 || !words[0].equals(ENVELOPE_WORD)) {
                throw new CorruptException(name + ": not an envelope");
            }
            if (!words[1].equals(ENVELOPE_VERSION)) {
                throw new SpoolRefusedException(
                        name + ": \"" + words[0] + " " + words[1] + "\" not known");
            }
            int length = Integer.parseInt(words[2]);
            int stateLength = Integer.parseInt(words[4]);
            if (length < 1 || stateLength < 0 || file.limit() - end - 1 != length + stateLength) {
                throw new CorruptException(name + ": cut off");
            }
            Bytes envelope = part(name, file, end + 1, length, words[3]);
            Bytes state = part(name, file, end + 1 + length, stateLength, words[5]);
            return new Stored.Found(
                    id, envelope, stateLength == 0 ? Optional.empty() : Optional.of(state));
        } catch (IllegalArgumentException _) {
            throw new CorruptException(name + ": not an envelope");
        }
    }

    private static Bytes part(String name, ByteBuffer file, int from, int length, String crc)
            throws CorruptException {
        if (HexFormat.fromHexDigits(crc) != SegmentFormat.crc(file.slice(from, length))) {
            throw new CorruptException(name + ": checksum does not match");
        }
        byte[] part = new byte[length];
        file.get(from, part);
        return Bytes.of(part);
    }

    private static ByteBuffer buffer(Bytes bytes) {
        return ByteBuffer.wrap(bytes.array(), bytes.offset(), bytes.length()).slice();
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
    }
}
