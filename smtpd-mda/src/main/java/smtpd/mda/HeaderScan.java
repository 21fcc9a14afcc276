package smtpd.mda;

import smtpd.core.mail.Bytes;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What the header of a stored message says about its delivery: where it has been before, and
/// whether a filter called it spam.
///
/// A byte machine over whatever pieces the content comes in. The header ends at its first empty
/// line, at a line that is no field, or at [#HEADER_MAX].
final class HeaderScan {
    /// Fields beyond this are not looked at: those that matter are added on top.
    static final int HEADER_MAX = 256 * 1024;

    /// Fields longer than this are not looked at: neither an address nor a flag is.
    private static final int FIELD_MAX = 4096;

    private final StringBuilder field = new StringBuilder();
    private final StringBuilder line = new StringBuilder();
    private final List<String> deliveredTo = new ArrayList<>();
    private boolean spam;
    private boolean ended;
    private int seen;

    /// Looks at the next piece; true once the header has ended.
    boolean feed(Bytes bytes) {
        byte[] array = bytes.array();
        int end = bytes.offset() + bytes.length();
        for (int i = bytes.offset(); i < end && !ended; i++) {
            octet(array[i]);
        }
        return ended;
    }

    private void octet(byte octet) {
        if (++seen > HEADER_MAX) {
            finish();
        } else if (octet == '\n') {
            lineEnded();
            line.setLength(0);
        } else if (line.length() < FIELD_MAX && octet != '\r') {
            line.append((char) (octet & 0xff));
        }
    }

    private void lineEnded() {
        boolean folded = !line.isEmpty() && (line.charAt(0) == ' ' || line.charAt(0) == '\t');
        if (folded && field.length() < FIELD_MAX) {
            field.append(line);
        } else if (!folded) {
            fieldEnded();
            if (line.indexOf(":") < 0) {
                ended = true;
            }
            field.append(line);
        }
    }

    /// The content is at its end.
    void finish() {
        if (!line.isEmpty() && !ended) {
            lineEnded();
        }
        if (!ended) {
            fieldEnded();
            ended = true;
        }
    }

    private void fieldEnded() {
        int colon = field.indexOf(":");
        if (colon > 0) {
            String value = text(field.substring(colon + 1).strip());
            switch (field.substring(0, colon).strip().toLowerCase(Locale.ROOT)) {
                case "delivered-to" -> deliveredTo.add(value);
                case "x-spam", "x-spam-flag" -> spam |= value.equalsIgnoreCase("yes");
                default -> {}
            }
        }
        field.setLength(0);
    }

    private static String text(String octets) {
        return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /// Whether it has been delivered to `address` before.
    boolean deliveredTo(String address) {
        return deliveredTo.stream().anyMatch(each -> bare(each).equalsIgnoreCase(address));
    }

    private static String bare(String value) {
        return value.startsWith("<") && value.endsWith(">")
                ? value.substring(1, value.length() - 1)
                : value;
    }

    /// OpenSMTPD: `X-Spam: yes` or `X-Spam-Flag: yes`, in any case.
    boolean isSpam() {
        return spam;
    }
}
