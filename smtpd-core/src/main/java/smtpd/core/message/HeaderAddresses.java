package smtpd.core.message;

import smtpd.core.mail.MailAddr;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The mailboxes of an address list (RFC 5322 §3.4, groups of RFC 6854 included), and where in the
/// field each one stands.
///
/// Display names, comments, group names and source routes are skipped, quoted local parts keep
/// their quotes. A run of words that is no address ("John Smith") is none, nor is a lone encoded
/// word.
///
/// @param mailboxes in their order; the domain is empty where none was written
/// @param whole whether all of the list could be read; if not, the mailboxes are those that could
public record HeaderAddresses(List<Mailbox> mailboxes, boolean whole) {
    /// Most mailboxes taken from one field.
    public static final int MAILBOXES_MAX = 10_000;

    /// A mailbox in a field.
    ///
    /// @param address what it says
    /// @param end where its last octet ends, in the bytes that were scanned
    public record Mailbox(MailAddr address, int end) {}

    /// Takes a copy of the list.
    public HeaderAddresses {
        mailboxes = List.copyOf(mailboxes);
    }

    /// Reads the value of a field, unfolded or not.
    public static HeaderAddresses parse(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return scan(bytes, 0, bytes.length);
    }

    /// Reads `bytes` from `from` to before `to`.
    public static HeaderAddresses scan(byte[] bytes, int from, int to) {
        return new Scan(bytes, from, to).list();
    }

    /// The addresses alone.
    public List<MailAddr> addresses() {
        return mailboxes.stream().map(Mailbox::address).toList();
    }

    /// One pass over a list.
    private static final class Scan {
        private static final String SPECIALS = " \t\r\n()<>,;:\"[";

        private final byte[] bytes;
        private final int to;
        private int at;
        private final List<Mailbox> found = new ArrayList<>();
        private boolean whole = true;

        /// The words of the current element, or what stands within its angle brackets.
        private final ByteArrayOutputStream words = new ByteArrayOutputStream();

        private int wordsEnd;
        private int atSign = -1;
        private boolean gap;
        private boolean phrase;
        private boolean angle;
        private boolean bracketed;
        private byte last;

        Scan(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.at = from;
            this.to = to;
        }

        HeaderAddresses list() {
            while (at < to && found.size() < MAILBOXES_MAX) {
                step((char) (bytes[at] & 0xff));
            }
            whole &= at == to;
            element();
            return new HeaderAddresses(found, whole);
        }

        private void step(char c) {
            switch (c) {
                case ' ', '\t', '\r', '\n' -> {
                    gap = true;
                    at++;
                }
                case '(' -> comment();
                case '"' -> word(closing('"'));
                case '[' -> word(closing(']'));
                case '<' -> {
                    at++;
                    clear();
                    angle = true;
                }
                case '>' -> {
                    whole &= angle;
                    at++;
                    address();
                }
                case ',', ';' -> {
                    at++;
                    if (angle && c == ',') {
                        // Between the domains of a source route.
                        clear();
                    } else {
                        element();
                    }
                }
                case ':' -> {
                    // What stood before was a group's name or a source route.
                    at++;
                    clear();
                }
                case ')' -> {
                    whole = false;
                    at++;
                }
                default -> word(atom());
            }
        }

        /// The end of an atom; `.` and `@` belong to it.
        private int atom() {
            int end = at;
            while (end < to && SPECIALS.indexOf(bytes[end] & 0xff) < 0) {
                if (bytes[end] == '@') {
                    atSign = words.size() + (end - at);
                }
                end++;
            }
            return end;
        }

        /// The end of a quoted string or domain literal that begins here.
        private int closing(char close) {
            int end = at + 1;
            while (end < to && bytes[end] != close) {
                end += bytes[end] == '\\' ? 2 : 1;
            }
            whole &= end < to;
            return Math.min(end + 1, to);
        }

        private void comment() {
            int depth = 0;
            for (; at < to; at++) {
                byte octet = bytes[at];
                if (octet == '\\') {
                    at++;
                } else if (octet == '(') {
                    depth++;
                } else if (octet == ')' && --depth == 0) {
                    at++;
                    gap = true;
                    return;
                }
            }
            at = to;
            whole = false;
        }

        /// Adds a word; blanks between it and the one before make them a phrase, unless a dot or an
        /// at sign joins them.
        private void word(int end) {
            if (end == at) {
                // A byte that no rule knows.
                whole = false;
                at++;
                return;
            }
            if (words.size() > 0 && gap && !isJoint(bytes[at]) && !isJoint(last)) {
                phrase = true;
            }
            last = bytes[end - 1];
            words.write(bytes, at, end - at);
            at = end;
            wordsEnd = end;
            gap = false;
        }

        private static boolean isJoint(byte octet) {
            return octet == '.' || octet == '@';
        }

        /// The end of what stands within angle brackets.
        private void address() {
            mailbox();
            clear();
            angle = false;
            bracketed = true;
        }

        /// The end of one element of the list.
        private void element() {
            if (angle) {
                whole = false;
            } else if (!bracketed) {
                mailbox();
            }
            clear();
            angle = false;
            bracketed = false;
        }

        private void mailbox() {
            String text = words.toString(StandardCharsets.UTF_8);
            if (text.isEmpty() || (text.startsWith("=?") && text.endsWith("?="))) {
                return;
            }
            if (phrase) {
                whole = false;
                return;
            }
            byte[] spec = words.toByteArray();
            if (atSign < 0) {
                found.add(new Mailbox(new MailAddr(text, ""), wordsEnd));
            } else if (atSign > 0 && atSign < spec.length - 1) {
                String user = new String(spec, 0, atSign, StandardCharsets.UTF_8);
                int rest = spec.length - atSign - 1;
                String domain = new String(spec, atSign + 1, rest, StandardCharsets.UTF_8);
                found.add(new Mailbox(new MailAddr(user, domain), wordsEnd));
            } else {
                whole = false;
            }
        }

        private void clear() {
            words.reset();
            atSign = -1;
            gap = false;
            phrase = false;
        }
    }
}
