package smtpd.control.client;

import java.util.ArrayList;
import java.util.List;

/// Lines `key=value` as one JSON object (RFC 8259). Values that are whole numbers are numbers.
final class Json {
    private static final int FIRST_PRINTABLE = 0x20;

    private Json() {}

    static String object(List<String> lines) {
        List<String> members = new ArrayList<>();
        for (String line : lines) {
            int at = line.indexOf('=');
            String value = line.substring(at + 1);
            boolean isNumber = value.matches("-?(0|[1-9][0-9]*)");
            members.add(
                    "  "
                            + string(line.substring(0, at))
                            + ": "
                            + (isNumber ? value : string(value)));
        }
        return "{\n" + String.join(",\n", members) + "\n}";
    }

    private static String string(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < FIRST_PRINTABLE) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
