package smtpd.core.message;

import org.jspecify.annotations.Nullable;

import smtpd.core.smtp.ByteSink;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.BitSet;

/// Makes a message fit for a server that takes 7-bit content only (RFC 6152 §3): text with other
/// octets becomes quoted-printable, everything else base64, part by part; what need not change
/// stays byte for byte. What is signed or encrypted, and what cannot be read as it says, is never
/// changed.
///
/// Two passes over the content, as a part's header stands in front of what decides about it: a
/// [Survey], and, if that says so, a [Conversion].
public final class SevenBit {
    private SevenBit() {}

    /// What a survey found.
    public sealed interface Finding {
        /// Nothing but 7-bit octets.
        record Fit() implements Finding {}

        /// It can be converted.
        ///
        /// @param plan how
        record Convertible(Plan plan) implements Finding {}

        /// It has other octets, and may not be changed or cannot be.
        ///
        /// @param why in a few words
        record Unfit(String why) implements Finding {}
    }

    /// Which leaves of a message are encoded how.
    public static final class Plan {
        private final BitSet encoded = new BitSet();
        private final BitSet binary = new BitSet();

        private Plan() {}
    }

    /// The first pass: sees the whole message and decides.
    public static final class Survey extends MimeReader {
        /// Parts of one message; of one with more nothing is converted.
        private static final int LEAVES_MAX = 10_000;

        private final Plan plan = new Plan();
        private boolean eightBit;
        private boolean global;
        private boolean eightBitHere;
        private boolean nulHere;
        private @Nullable String trouble;

        /// A survey of one message.
        public Survey() {}

        @Override
        void header(Part part, HeaderBlock block, boolean blank) {
            if (hasEightBit(block.buffer(), 0, block.fieldsEnd())) {
                eightBit = true;
                global = true;
                trouble("a header has other characters than ASCII");
            }
            eightBitHere = false;
            nulHere = false;
        }

        @Override
        void body(Part part, byte[] bytes, int offset, int count) {
            for (int i = offset; i < offset + count; i++) {
                eightBitHere |= bytes[i] < 0;
                nulHere |= bytes[i] == 0;
            }
        }

        @Override
        void bodyEnd(Part part) {
            eightBit |= eightBitHere;
            boolean binary = part.encoding().equals("binary");
            if (!eightBitHere && !binary) {
                return;
            }
            if (eightBitHere && part.place() == Place.SEALED) {
                trouble("a signed or encrypted part may not be changed");
            } else if (eightBitHere && (!part.isIdentity() || !part.type().isEncodable())) {
                trouble("a part is not encoded as it says");
            } else if (part.leaf() >= LEAVES_MAX) {
                trouble("too many parts");
            } else if (part.place() != Place.SEALED && part.type().isEncodable()) {
                plan.encoded.set(part.leaf());
                plan.binary.set(
                        part.leaf(), binary || nulHere || !part.type().type().equals("text"));
            }
        }

        @Override
        void between(byte[] bytes, int offset, int count) {
            if (hasEightBit(bytes, offset, count)) {
                eightBit = true;
                trouble("there are other characters than ASCII between the parts");
            }
        }

        @Override
        void trouble(String what) {
            trouble = trouble == null ? what : trouble;
        }

        /// The message ends here: what is to be done with it.
        public Finding finish() {
            end();
            if (!eightBit) {
                return new Finding.Fit();
            }
            return trouble == null ? new Finding.Convertible(plan) : new Finding.Unfit(trouble);
        }

        /// Whether a header has other characters than ASCII (RFC 6532).
        public boolean isGlobal() {
            return global;
        }

        private static boolean hasEightBit(byte[] bytes, int offset, int count) {
            for (int i = offset; i < offset + count; i++) {
                if (bytes[i] < 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /// The second pass: writes the message as it was planned.
    public static final class Conversion extends MimeReader {
        private static final byte[] CRLF = {'\r', '\n'};

        private final Plan plan;
        private final ByteSink out;
        private @Nullable BodyFold text;
        private @Nullable Base64Lines binary;

        /// @param plan what the survey of the same message found
        /// @param out takes the message
        public Conversion(Plan plan, ByteSink out) {
            this.plan = plan;
            this.out = out;
        }

        @Override
        void header(Part part, HeaderBlock block, boolean blank) {
            boolean encoded = part.leaf() >= 0 && plan.encoded.get(part.leaf());
            boolean relabelled =
                    part.place() != Place.SEALED
                            && (part.encoding().equals("8bit") || part.encoding().equals("binary"));
            boolean mime = false;
            boolean typed = false;
            for (int i = 0; i < block.fields(); i++) {
                mime |= block.is(i, "mime-version");
                typed |= block.is(i, "content-type");
                if (!(encoded || relabelled) || !block.is(i, "content-transfer-encoding")) {
                    out.write(block.buffer(), block.start(i), block.end(i) - block.start(i));
                }
            }
            if (encoded) {
                if (part.place() != Place.INSIDE && !mime) {
                    line("MIME-Version: 1.0");
                    if (!typed) {
                        // RFC 1428 §3: nobody has said what it is.
                        line("Content-Type: text/plain; charset=unknown-8bit");
                    }
                }
                begin(plan.binary.get(part.leaf()));
            }
            if (blank || encoded) {
                out.write(CRLF, 0, CRLF.length);
            }
        }

        private void begin(boolean isBinary) {
            line("Content-Transfer-Encoding: " + (isBinary ? "base64" : "quoted-printable"));
            if (isBinary) {
                binary = new Base64Lines(out);
            } else {
                text = new BodyFold(out);
            }
        }

        private void line(String field) {
            byte[] bytes = (field + "\r\n").getBytes(StandardCharsets.US_ASCII);
            out.write(bytes, 0, bytes.length);
        }

        @Override
        void body(Part part, byte[] bytes, int offset, int count) {
            if (text != null) {
                text.write(bytes, offset, count);
            } else if (binary != null) {
                binary.write(bytes, offset, count);
            } else {
                out.write(bytes, offset, count);
            }
        }

        @Override
        void bodyEnd(Part part) {
            if (text != null) {
                text.finish();
            }
            if (binary != null) {
                binary.finish(part.place() == Place.TOP);
            }
            text = null;
            binary = null;
        }

        @Override
        void between(byte[] bytes, int offset, int count) {
            out.write(bytes, offset, count);
        }

        @Override
        void trouble(String what) {}

        /// The message ends here.
        public void finish() {
            end();
        }
    }

    /// Writes base64 (RFC 2045 §6.8). The line end in front of a boundary belongs to that (RFC 2046
    /// §5.1.1): the last one is left out of what is encoded.
    private static final class Base64Lines implements ByteSink {
        /// Octets of a line of 76 characters.
        private static final int LINE = 57;

        private final ByteSink out;
        private final byte[] line = new byte[LINE];
        private int length;
        private int held;

        private Base64Lines(ByteSink out) {
            this.out = out;
        }

        @Override
        public void write(byte[] bytes, int offset, int count) {
            for (int i = offset; i < offset + count; i++) {
                octet(bytes[i]);
            }
        }

        /// `held` is how much of CRLF has come and waits.
        private void octet(byte octet) {
            if (held == 1 && octet == '\n') {
                held = 2;
                return;
            }
            release();
            if (octet == '\r') {
                held = 1;
            } else {
                put(octet);
            }
        }

        private void release() {
            if (held > 0) {
                put((byte) '\r');
            }
            if (held == 2) {
                put((byte) '\n');
            }
            held = 0;
        }

        private void put(byte octet) {
            line[length++] = octet;
            if (length == LINE) {
                flush();
            }
        }

        private void flush() {
            byte[] part = length == LINE ? line : java.util.Arrays.copyOf(line, length);
            byte[] encoded = Base64.getEncoder().encode(part);
            out.write(encoded, 0, encoded.length);
            out.write(Conversion.CRLF, 0, Conversion.CRLF.length);
            length = 0;
        }

        private void finish(boolean all) {
            if (held == 1 || all) {
                release();
            }
            if (length > 0) {
                flush();
            }
        }
    }
}
