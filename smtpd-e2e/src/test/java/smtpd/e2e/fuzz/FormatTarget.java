package smtpd.e2e.fuzz;

import smtpd.core.conf.Format;
import smtpd.core.conf.HostEnvironment;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Format specifiers: the part before the first line end is the text, the rest the sender. Nothing
/// of a sender reaches a shell as syntax unless the text says `raw`.
public final class FormatTarget {
    /// What a shell acts on and no specifier is made of.
    private static final String SYNTAX = "`$;&<>()\\\"'*?#~! \t\n\r";

    private FormatTarget() {}

    /// One run.
    public static void fuzzerTestOneInput(byte[] input) {
        String all = HostEnvironment.decode(input);
        int end = all.indexOf('\n');
        String text = end < 0 ? all : all.substring(0, end);
        Map<String, String> values = values(end < 0 ? "" : all.substring(end + 1));
        boolean possible = Format.problem(text, true).isEmpty();
        if (Format.expand(text, values, "+") instanceof Format.Expanded.Ok(String result)) {
            Holds.check(possible, "expands, and was said never to: " + text);
            Holds.check(result.length() < Format.RESULT_MAX, "too long");
            boolean harmless = text.chars().noneMatch(c -> SYNTAX.indexOf(c) >= 0);
            boolean raw = text.toLowerCase(Locale.ROOT).contains("raw");
            Holds.check(
                    !harmless || raw || result.chars().noneMatch(c -> SYNTAX.indexOf(c) >= 0),
                    "shell syntax: " + result);
        }
    }

    private static Map<String, String> values(String sender) {
        int at = sender.lastIndexOf('@');
        Map<String, String> values = new TreeMap<>();
        for (String name : new String[] {"sender", "rcpt", "dest"}) {
            values.put(name, sender);
            values.put(name + ".user", at < 0 ? sender : sender.substring(0, at));
            values.put(name + ".domain", at < 0 ? "" : sender.substring(at + 1));
        }
        values.put("user.username", "bob");
        values.put("user.directory", "/home/bob");
        values.put("mbox.from", sender);
        values.put("mda", "procmail");
        return values;
    }
}
