package smtpd.control.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The head of a request; empty words if it was none.
///
/// @param method such as `GET`
/// @param target path and query as they were sent
/// @param host the value of the `Host` field, empty without one
/// @param accept the value of the `Accept` field, empty without one
public record HttpRequest(String method, String target, String host, String accept) {
    /// Octets of a head: browsers send about one thousand.
    static final int HEAD_MAX = 16 * 1024;

    private static final HttpRequest NONE = new HttpRequest("", "", "", "");

    /// Reads a head, up to the empty line after it.
    static HttpRequest read(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        byte[] chunk = new byte[HEAD_MAX];
        int length = 0;
        while (length < HEAD_MAX) {
            int count = in.read(chunk, length, HEAD_MAX - length);
            if (count < 0) {
                return NONE;
            }
            int from = length;
            length += count;
            for (int i = from; i < length; i++) {
                if (chunk[i] != '\n') {
                    line.append((char) (chunk[i] & 0xff));
                    continue;
                }
                String text = line.toString().stripTrailing();
                if (text.isEmpty() && !lines.isEmpty()) {
                    return of(lines);
                }
                lines.add(text);
                line.setLength(0);
            }
        }
        return NONE;
    }

    /// @param lines of the head
    static HttpRequest of(List<String> lines) {
        String[] words = lines.getFirst().split(" ", -1);
        if (words.length != 3 || !words[2].startsWith("HTTP/1.") || !words[1].startsWith("/")) {
            return NONE;
        }
        return new HttpRequest(words[0], words[1], field(lines, "host"), field(lines, "accept"));
    }

    private static String field(List<String> lines, String name) {
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).toLowerCase(Locale.ROOT).equals(name)) {
                return line.substring(colon + 1).strip();
            }
        }
        return "";
    }

    boolean isWellFormed() {
        return !method.isEmpty();
    }

    /// The path without the query.
    public String path() {
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }

    /// The query behind the path, empty without one.
    public String query() {
        int mark = target.indexOf('?');
        return mark < 0 ? "" : target.substring(mark + 1);
    }

    /// The value of a parameter of the query, empty without one.
    public String parameter(String name) {
        return parameter(query(), name);
    }

    private static String parameter(String text, String name) {
        for (String pair : text.split("&", -1)) {
            int mark = pair.indexOf('=');
            if (mark > 0 && pair.substring(0, mark).equals(name)) {
                return decoded(pair.substring(mark + 1));
            }
        }
        return "";
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            return "";
        }
    }

    /// Whether the client means this machine: by address or as `localhost`. A name of somebody
    /// else's that leads here is how pages of the web reach servers that are none of theirs.
    boolean isForLoopback() {
        String name = host.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]+$", "");
        return name.isEmpty()
                || name.equals("localhost")
                || name.equals("[::1]")
                || name.matches("127(\\.[0-9]{1,3}){3}");
    }
}
