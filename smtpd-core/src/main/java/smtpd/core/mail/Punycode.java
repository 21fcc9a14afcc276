package smtpd.core.mail;

/// The ASCII form of a label beyond ASCII (RFC 3492).
final class Punycode {
    // RFC 3492 §5
    private static final int BASE = 36;
    private static final int T_MIN = 1;
    private static final int T_MAX = 26;
    private static final int SKEW = 38;
    private static final int DAMP = 700;
    private static final int INITIAL_BIAS = 72;
    private static final int INITIAL_N = 128;

    private Punycode() {}

    /// RFC 3492 §6.3. A label is short: no number here overflows.
    static String encode(int[] points) {
        StringBuilder out = new StringBuilder();
        for (int point : points) {
            if (point < INITIAL_N) {
                out.append((char) point);
            }
        }
        int basic = out.length();
        if (basic > 0) {
            out.append('-');
        }
        int done = basic;
        int n = INITIAL_N;
        int delta = 0;
        int bias = INITIAL_BIAS;
        while (done < points.length) {
            int next = smallestFrom(points, n);
            delta += (next - n) * (done + 1);
            n = next;
            for (int point : points) {
                if (point < n) {
                    delta++;
                } else if (point == n) {
                    number(delta, bias, out);
                    bias = adapt(delta, done + 1, done == basic);
                    delta = 0;
                    done++;
                }
            }
            delta++;
            n++;
        }
        return out.toString();
    }

    private static int smallestFrom(int[] points, int n) {
        int smallest = Integer.MAX_VALUE;
        for (int point : points) {
            if (point >= n && point < smallest) {
                smallest = point;
            }
        }
        return smallest;
    }

    /// A number of variable length.
    private static void number(int value, int bias, StringBuilder out) {
        int q = value;
        for (int k = BASE; ; k += BASE) {
            int t = Math.clamp(k - bias, T_MIN, T_MAX);
            if (q < t) {
                out.append(digit(q));
                return;
            }
            out.append(digit(t + (q - t) % (BASE - t)));
            q = (q - t) / (BASE - t);
        }
    }

    private static char digit(int value) {
        return (char) (value < 26 ? 'a' + value : '0' + value - 26);
    }

    /// RFC 3492 §6.1.
    private static int adapt(int delta, int points, boolean first) {
        int d = first ? delta / DAMP : delta / 2;
        d += d / points;
        int k = 0;
        while (d > (BASE - T_MIN) * T_MAX / 2) {
            d /= BASE - T_MIN;
            k += BASE;
        }
        return k + (BASE - T_MIN + 1) * d / (d + SKEW);
    }
}
