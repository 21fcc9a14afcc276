package smtpd.control.client;

import smtpd.core.mail.Bytes;
import smtpd.core.mail.MailAddr;
import smtpd.core.message.BodyFold;
import smtpd.core.message.HeaderAddresses;
import smtpd.core.smtp.ByteSink;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A message made fit to be submitted: its header read and completed, its body left alone unless a
/// line of it is longer than SMTP carries.
///
/// Left out are Bcc, Return-Path and a line `From ` of a mailbox; added behind the others are From
/// and Date where missing. What begins without a header is all body (OpenSMTPD: the same).
final class Letter {
    /// Most bytes of a header; the server takes no larger one.
    static final int HEADER_MAX = 256 * 1024;

    private final RawMessage raw;
    private final List<Field> fields = new ArrayList<>();
    private long bodyStart;
    private boolean foldNeeded;
    private boolean eightBitHeader;
    private boolean eightBitBody;

    /// A field as it stands, and its name in lower case.
    private record Field(String name, Bytes bytes) {
        String value() {
            String text = bytes.utf8();
            return text.substring(text.indexOf(':') + 1);
        }
    }

    /// The message cannot be submitted.
    static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;

        Unfit(String why) {
            super(why);
        }
    }

    private Letter(RawMessage raw) {
        this.raw = raw;
    }

    /// Reads the header and looks through the body.
    ///
    /// @throws Unfit if it holds a NUL, or its header is too large
    static Letter read(RawMessage raw) throws IOException, Unfit {
        Letter letter = new Letter(raw);
        try (InputStream in = new BufferedInputStream(raw.open())) {
            letter.header(in);
        }
        try (InputStream in = raw.open()) {
            in.skipNBytes(letter.bodyStart);
            letter.body(in);
        }
        return letter;
    }

    private void header(InputStream in) throws IOException, Unfit {
        byte[] line = line(in);
        if (starts(line, "From ") || starts(line, ">From ")) {
            bodyStart += line.length;
            line = line(in);
        }
        while (line.length > 0 && !isEmptyLine(line)) {
            String name = name(line);
            boolean folded = (line[0] == ' ' || line[0] == '\t') && !fields.isEmpty();
            if (!folded && name.isEmpty()) {
                return;
            }
            add(folded, name, line);
            bodyStart += line.length;
            if (bodyStart > HEADER_MAX) {
                throw new Unfit("header larger than " + HEADER_MAX + " bytes");
            }
            line = line(in);
        }
        bodyStart += line.length;
    }

    private void add(boolean folded, String name, byte[] line) {
        if (!folded) {
            fields.add(new Field(name, Bytes.of(line)));
            return;
        }
        Field last = fields.removeLast();
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.writeBytes(last.bytes.toByteArray());
        joined.writeBytes(line);
        fields.add(new Field(last.name, Bytes.of(joined.toByteArray())));
    }

    /// A line with its end; empty at the end of the message.
    private byte[] line(InputStream in) throws IOException, Unfit {
        ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        int octet;
        while ((octet = in.read()) >= 0) {
            line.write(octet);
            if (octet == '\n') {
                break;
            }
            if (octet == 0) {
                throw new Unfit("NUL in the message");
            }
            if (line.size() > HEADER_MAX) {
                break;
            }
        }
        return line.toByteArray();
    }

    private static boolean starts(byte[] line, String text) {
        return line.length >= text.length()
                && new String(line, 0, text.length(), StandardCharsets.ISO_8859_1).equals(text);
    }

    private static boolean isEmptyLine(byte[] line) {
        return line[0] == '\n' || (line[0] == '\r' && line.length == 2 && line[1] == '\n');
    }

    /// The field's name in lower case, empty if the line begins no field.
    private static String name(byte[] line) {
        int end = 0;
        while (end < line.length && line[end] > ' ' && line[end] < 0x7f && line[end] != ':') {
            end++;
        }
        int colon = end;
        while (colon < line.length && (line[colon] == ' ' || line[colon] == '\t')) {
            colon++;
        }
        boolean field = end > 0 && colon < line.length && line[colon] == ':';
        return field
                ? new String(line, 0, end, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT)
                : "";
    }

    private void body(InputStream in) throws IOException, Unfit {
        byte[] chunk = new byte[64 * 1024];
        int length = 0;
        int count;
        while ((count = in.read(chunk)) >= 0) {
            for (int i = 0; i < count; i++) {
                byte octet = chunk[i];
                if (octet == 0) {
                    throw new Unfit("NUL in the message");
                }
                length = octet == '\n' ? 0 : length + 1;
                foldNeeded |= length >= BodyFold.LINE_LIMIT;
                eightBitBody |= octet < 0;
            }
        }
        for (Field field : fields) {
            for (byte octet : field.bytes.array()) {
                eightBitHeader |= octet < 0;
            }
        }
    }

    /// Whether it holds bytes beyond ASCII.
    boolean isEightBit() {
        return eightBitHeader || (eightBitBody && !isFolded());
    }

    private boolean isFolded() {
        return foldNeeded && !has("content-transfer-encoding");
    }

    private boolean has(String name) {
        for (Field field : fields) {
            if (field.name.equals(name)) {
                return true;
            }
        }
        return false;
    }

    /// The first address of the From field, or the null address.
    MailAddr from() {
        for (Field field : fields) {
            if (field.name.equals("from")) {
                List<MailAddr> addresses = HeaderAddresses.parse(field.value()).addresses();
                return addresses.isEmpty() ? MailAddr.NULL : addresses.getFirst();
            }
        }
        return MailAddr.NULL;
    }

    /// The addresses of To, Cc and Bcc.
    ///
    /// @throws Unfit if one of the fields is no list of addresses
    List<MailAddr> recipients() throws Unfit {
        List<MailAddr> recipients = new ArrayList<>();
        for (Field field : fields) {
            switch (field.name) {
                case "to", "cc", "bcc" -> {
                    HeaderAddresses list = HeaderAddresses.parse(field.value());
                    if (!list.whole()) {
                        throw new Unfit("cannot read the addresses of " + field.name);
                    }
                    recipients.addAll(list.addresses());
                }
                default -> {} // no recipients there
            }
        }
        return recipients;
    }

    /// Writes the message, line ends as they came.
    ///
    /// @param from the value of a From field, should it be missing
    /// @param date the value of a Date field, should it be missing
    void write(String from, String date, ByteSink out) throws IOException {
        for (Field field : fields) {
            if (!field.name.equals("bcc") && !field.name.equals("return-path")) {
                out.write(field.bytes.array(), 0, field.bytes.length());
            }
        }
        endLastField(out);
        if (!has("from")) {
            emit("From: " + from, out);
        }
        if (!has("date")) {
            emit("Date: " + date, out);
        }
        boolean folded = isFolded();
        if (folded) {
            describeFolding(out);
        }
        emit("", out);
        try (InputStream in = raw.open()) {
            in.skipNBytes(bodyStart);
            if (folded) {
                BodyFold fold = new BodyFold(out);
                copy(in, fold);
                fold.finish();
            } else {
                copy(in, out);
            }
        }
    }

    /// A message may end within its header, without a line end.
    private void endLastField(ByteSink out) {
        if (!fields.isEmpty()) {
            Bytes last = fields.getLast().bytes;
            if (last.array()[last.length() - 1] != '\n') {
                emit("", out);
            }
        }
    }

    private void describeFolding(ByteSink out) {
        if (!has("mime-version")) {
            emit("MIME-Version: 1.0", out);
        }
        if (!has("content-type")) {
            emit("Content-Type: text/plain; charset=unknown-8bit", out);
        }
        emit("Content-Transfer-Encoding: quoted-printable", out);
    }

    private static void emit(String line, ByteSink out) {
        byte[] bytes = (line + "\r\n").getBytes(StandardCharsets.UTF_8);
        out.write(bytes, 0, bytes.length);
    }

    private static void copy(InputStream in, ByteSink out) throws IOException {
        byte[] chunk = new byte[64 * 1024];
        int count;
        while ((count = in.read(chunk)) >= 0) {
            out.write(chunk, 0, count);
        }
    }
}
