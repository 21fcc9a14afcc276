package smtpd.control.stat;

import java.io.ByteArrayOutputStream;

/// Whole numbers in as few octets as they need, seven bits in each.
final class Varint {
    private static final int BITS = 7;
    private static final int MORE = 0x80;
    private static final int LONGEST = 10;

    private Varint() {}

    /// Writes numbers one after the other.
    static final class Out {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        /// Appends a number, taken as unsigned.
        Out put(long number) {
            long rest = number;
            while ((rest & ~0x7fL) != 0) {
                bytes.write((int) (rest & 0x7f) | MORE);
                rest >>>= BITS;
            }
            bytes.write((int) rest);
            return this;
        }

        /// Appends a number that may be below 0.
        Out putSigned(long number) {
            return put((number << 1) ^ (number >> (Long.SIZE - 1)));
        }

        byte[] toByteArray() {
            return bytes.toByteArray();
        }
    }

    /// Reads numbers one after the other.
    static final class In {
        private final byte[] bytes;
        private int at;

        In(byte[] bytes) {
            this.bytes = bytes;
        }

        boolean hasNext() {
            return at < bytes.length;
        }

        /// @throws IllegalArgumentException if there is none
        long next() {
            long number = 0;
            for (int i = 0; i < LONGEST && at < bytes.length; i++) {
                int octet = bytes[at++];
                number |= (long) (octet & 0x7f) << (BITS * i);
                if ((octet & MORE) == 0) {
                    return number;
                }
            }
            throw new IllegalArgumentException("not a number");
        }

        long nextSigned() {
            long number = next();
            return (number >>> 1) ^ -(number & 1);
        }
    }
}
