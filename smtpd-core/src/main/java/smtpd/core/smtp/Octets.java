package smtpd.core.smtp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Bulk scanning of bytes, eight at a time.
final class Octets {
    private static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long FOURTEEN = 0x0e0e0e0e0e0e0e0eL;

    private Octets() {}

    /// Where in `bytes` the first CR, LF or NUL is, from `from` to before `to`; `to` if there is
    /// none.
    static int control(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            // A word without an octet below 14 holds none of the three.
            while (i + 8 <= to) {
                long word = (long) WORD.get(bytes, i);
                if (((word - FOURTEEN) & ~word & HIGH_BITS) != 0) {
                    break;
                }
                i += 8;
            }
            int stop = Math.min(to, i + 8);
            for (; i < stop; i++) {
                byte octet = bytes[i];
                if (octet == '\n' || octet == '\r' || octet == 0) {
                    return i;
                }
            }
        }
        return to;
    }
}
