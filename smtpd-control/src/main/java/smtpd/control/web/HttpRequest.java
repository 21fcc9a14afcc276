package smtpd.control.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A request; empty words if it was none.
///
/// @param method such as `GET`
/// @param target path and query as they were sent
/// @param fields the fields of the head by their names in lower case; of several the first
/// @param body what follows the head: a form
public record HttpRequest(String method, String target, Map<String, String> fields, String body) {
    /// Octets of a head: browsers send about one thousand.
    static final int HEAD_MAX = 16 * 1024;

    /// Octets of a form: a token and an order.
    static final int BODY_MAX = 4 * 1024;

    private static final String FORM = "application/x-www-form-urlencoded";

    static final HttpRequest NONE = new HttpRequest("", "", Map.of(), "");

    public HttpRequest {
        fields = Map.copyOf(fields);
    }

    /// Reads a head, up to the empty line after it, and the form that follows if it says so.
    static HttpRequest read(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        byte[] chunk = new byte[HEAD_MAX];
        while (head.size() < HEAD_MAX) {
            int count = in.read(chunk, 0, HEAD_MAX - head.size());
            if (count < 0) {
                return NONE;
            }
            head.write(chunk, 0, count);
            String text = head.toString(StandardCharsets.ISO_8859_1);
            int end = end(text);
            if (end >= 0) {
                return of(text.substring(0, end).lines().toList())
                        .withBody(text.substring(end), in);
            }
        }
        return NONE;
    }

    /// Behind the empty line that ends a head; negative if it has not come yet.
    private static int end(String text) {
        int strict = text.indexOf("\n\r\n");
        int loose = text.indexOf("\n\n");
        if (loose >= 0 && (strict < 0 || loose < strict)) {
            return loose + 2;
        }
        return strict < 0 ? -1 : strict + 3;
    }

    /// @param lines of the head
    static HttpRequest of(List<String> lines) {
        String[] words = lines.isEmpty() ? new String[0] : lines.getFirst().split(" ", -1);
        if (words.length != 3 || !words[2].startsWith("HTTP/1.") || !words[1].startsWith("/")) {
            return NONE;
        }
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
                fields.putIfAbsent(name, line.substring(colon + 1).strip());
            }
        }
        return new HttpRequest(words[0], words[1], fields, "");
    }

    /// The same with the form behind it; without one that is too long, or no form.
    private HttpRequest withBody(String begun, InputStream in) throws IOException {
        int length = length();
        if (!method.equals("POST") || length < 0 || length > BODY_MAX || !isForm()) {
            return this;
        }
        byte[] rest = in.readNBytes(Math.max(0, length - begun.length()));
        String whole = begun + new String(rest, StandardCharsets.ISO_8859_1);
        return whole.length() < length
                ? NONE
                : new HttpRequest(method, target, fields, whole.substring(0, length));
    }

    private int length() {
        try {
            return Integer.parseInt(head("content-length"));
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    private boolean isForm() {
        String type = head("content-type").toLowerCase(Locale.ROOT);
        return type.equals(FORM) || type.startsWith(FORM + ";");
    }

    /// The value of a field of the head, empty without one.
    public String head(String name) {
        return fields.getOrDefault(name, "");
    }

    boolean isWellFormed() {
        return !method.isEmpty();
    }

    /// The path without the query.
    public String path() {
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }

    /// The value of a parameter of the query, empty without one.
    public String parameter(String name) {
        int mark = target.indexOf('?');
        return mark < 0 ? "" : value(target.substring(mark + 1), name);
    }

    /// The value of a field of the form, empty without one.
    public String field(String name) {
        return value(body, name);
    }

    private static String value(String pairs, String name) {
        for (String pair : pairs.split("&", -1)) {
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
        String name = head("host").toLowerCase(Locale.ROOT).replaceFirst(":[0-9]+$", "");
        return name.isEmpty()
                || name.equals("localhost")
                || name.equals("[::1]")
                || name.matches("127(\\.[0-9]{1,3}){3}");
    }

    /// Whether it was made by our own page, as far as a browser says, or by no browser.
    public boolean isFromHere() {
        String site = head("sec-fetch-site");
        String origin = head("origin");
        return (site.isEmpty() || site.equals("same-origin"))
                && (origin.isEmpty() || origin.equals("http://" + head("host")));
    }
}
