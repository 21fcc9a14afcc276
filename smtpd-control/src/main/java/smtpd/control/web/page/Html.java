package smtpd.control.web.page;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/// Writes HTML and SVG. All that is put in is text and comes out as text: there is no way to put
/// markup in but the methods that make elements, whose names and attributes are words of ours.
///
/// Control characters and those that turn the direction of writing around are replaced: a name that
/// was made to be misread is seen to be odd.
final class Html {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9-]*");

    /// Nothing leads away from this page or runs a script.
    private static final Pattern LINK = Pattern.compile("[/?#][^/\\\\].*|[/?#]");

    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /// A text that is part of the program: a style sheet or a script.
    ///
    /// @param text what stands in the element, as it is
    record Asset(String text) {}

    /// The document type.
    Html doctype() {
        out.append("<!doctype html>\n");
        return this;
    }

    /// Begins an element.
    ///
    /// @param attributes names and values in turn
    Html open(String tag, String... attributes) {
        start(tag, attributes);
        out.append('>');
        open.push(tag);
        return this;
    }

    /// Ends the innermost element.
    Html close() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /// Ends the innermost element and its line.
    Html closeLine() {
        close();
        out.append('\n');
        return this;
    }

    /// An element with nothing in it.
    Html empty(String tag, String... attributes) {
        start(tag, attributes);
        out.append("/>");
        return this;
    }

    /// An element with text in it.
    Html element(String tag, String text, String... attributes) {
        return open(tag, attributes).text(text).close();
    }

    /// A name of the world, kept apart from what stands around it.
    Html name(String name) {
        return element("bdi", name);
    }

    /// A style sheet or script of ours.
    Html asset(String tag, Asset asset) {
        open(tag);
        out.append(asset.text());
        return closeLine();
    }

    /// Text.
    Html text(String text) {
        escape(text, false);
        return this;
    }

    private void start(String tag, String... attributes) {
        out.append('<').append(word(tag));
        for (int i = 0; i < attributes.length; i += 2) {
            String name = word(attributes[i]);
            String value = attributes[i + 1];
            if (name.startsWith("on") || name.equals("style")) {
                throw new IllegalArgumentException(name);
            }
            boolean isLink = name.equals("href") || name.equals("action");
            if (isLink && !LINK.matcher(value).matches()) {
                throw new IllegalArgumentException("leads away: " + value);
            }
            out.append(' ').append(name).append("=\"");
            escape(value, true);
            out.append('"');
        }
    }

    private static String word(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(name);
        }
        return name;
    }

    private void escape(String text, boolean isAttribute) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append(isAttribute ? "&quot;" : "\"");
                case '\'' -> out.append(isAttribute ? "&#39;" : "'");
                default -> out.append(isOdd(c) ? '\ufffd' : c);
            }
        }
    }

    private static boolean isOdd(char c) {
        boolean control = (c < ' ' && c != '\n') || (c >= 0x7f && c < 0xa0);
        boolean turns =
                (c >= 0x202a && c <= 0x202e)
                        || (c >= 0x2066 && c <= 0x2069)
                        || c == 0x200e
                        || c == 0x200f
                        || c == 0x61c;
        return control || turns || c == 0x2028 || c == 0x2029;
    }

    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("still open: " + open);
        }
        return out.toString();
    }
}
