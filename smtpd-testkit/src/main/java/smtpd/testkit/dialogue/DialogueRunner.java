package smtpd.testkit.dialogue;

import smtpd.testkit.dialogue.Dialogue.Form;
import smtpd.testkit.dialogue.Dialogue.Step;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Plays the client of a dialogue over two streams; reading from the server must time out by
/// itself.
public final class DialogueRunner {
    private static final int LINE_MAX = 8192;

    private final Dialogue dialogue;
    private final Map<String, String> names;
    private final StringBuilder transcript = new StringBuilder();

    /// @param dialogue what to play
    /// @param names values of `{host}` and `{address}`, without the braces
    public DialogueRunner(Dialogue dialogue, Map<String, String> names) {
        this.dialogue = dialogue;
        this.names = names;
    }

    /// Plays steps from `from` up to the first that is not the client's; returns its index. For
    /// whoever must have sent something before the server begins.
    public int sendGroup(int from, OutputStream out) throws IOException {
        ByteArrayOutputStream group = new ByteArrayOutputStream();
        int at = from;
        List<Step> steps = dialogue.steps();
        for (; at < steps.size() && steps.get(at) instanceof Step.Send send; at++) {
            for (int i = 1; i <= send.repeat(); i++) {
                group.writeBytes(bytes(named(send.text()).replace("%d", Integer.toString(i))));
                group.writeBytes(send.raw() ? new byte[0] : new byte[] {'\r', '\n'});
            }
            transcript.append("C: ").append(send.text()).append('\n');
        }
        if (group.size() > 0) {
            try {
                out.write(group.toByteArray());
                out.flush();
            } catch (IOException e) {
                // The server may close while we still talk; what it said is still to be read.
                transcript.append("(").append(e.getMessage()).append(")\n");
            }
        }
        return at;
    }

    /// Plays the dialogue from step `from` on. Throws [AssertionError] naming file and line where
    /// the server does not do as expected.
    public void play(int from, InputStream in, OutputStream out) throws IOException {
        int at = from;
        while (at < dialogue.steps().size()) {
            switch (dialogue.steps().get(at)) {
                case Step.Send _ -> at = sendGroup(at, out);
                case Step.Expect expect -> {
                    expect(expect, in);
                    at++;
                }
                case Step.Closed closed -> {
                    expectEnd(closed, in);
                    at++;
                }
                case Step.Drop _ -> {
                    out.close();
                    at++;
                }
            }
        }
    }

    private void expect(Step.Expect step, InputStream in) throws IOException {
        if (step.form() == Form.WITH || step.form() == Form.WITHOUT) {
            expectKeyword(step, in);
            return;
        }
        for (int i = 1; i <= step.repeat(); i++) {
            String wanted = named(step.text()).replace("%d", Integer.toString(i));
            String line = readLine(step, in);
            if (step.form() == Form.REPLY) {
                while (line.startsWith(wanted + "-")) {
                    line = readLine(step, in);
                }
            }
            if (!matches(step.form(), wanted, line)) {
                throw failure(step, "expected: " + wanted + "\n  but got: " + line);
            }
        }
    }

    private void expectKeyword(Step.Expect step, InputStream in) throws IOException {
        String code = step.text().substring(0, 3);
        String keyword = named(step.text().substring(4));
        boolean found = false;
        String line;
        do {
            line = readLine(step, in);
            found |= line.length() > 4 && line.substring(4).equals(keyword);
        } while (line.startsWith(code + "-"));
        if (!line.startsWith(code + " ") || found != (step.form() == Form.WITH)) {
            throw failure(step, (found ? "unexpected: " : "expected: ") + step.text());
        }
    }

    private static boolean matches(Form form, String wanted, String line) {
        return switch (form) {
            case PREFIX -> line.startsWith(wanted);
            case REPLY -> line.equals(wanted) || line.startsWith(wanted + " ");
            case WITH, WITHOUT -> throw new IllegalStateException("not of one line");
            case EXACT -> Pattern.matches(Pattern.quote(wanted).replace("{*}", "\\E.*\\Q"), line);
        };
    }

    private String readLine(Step step, InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.length() < LINE_MAX) {
            int octet = read(step, in);
            if (octet < 0) {
                throw failure(step, "the server closed after: " + line);
            }
            if (octet == '\n') {
                if (line.isEmpty() || line.charAt(line.length() - 1) != '\r') {
                    throw failure(step, "a line without CR: " + line);
                }
                String text = line.substring(0, line.length() - 1);
                transcript.append("S: ").append(text).append('\n');
                return text;
            }
            line.append((char) octet);
        }
        throw failure(step, "an endless line: " + line);
    }

    private void expectEnd(Step step, InputStream in) throws IOException {
        int octet;
        try {
            octet = read(step, in);
        } catch (EOFException e) {
            return;
        }
        if (octet >= 0) {
            throw failure(step, "the server went on with: " + readLine(step, in));
        }
    }

    private int read(Step step, InputStream in) throws IOException {
        try {
            return in.read();
        } catch (java.io.InterruptedIOException e) {
            AssertionError failure = failure(step, "the server says nothing");
            failure.initCause(e);
            throw failure;
        }
    }

    private AssertionError failure(Step step, String what) {
        return new AssertionError(
                dialogue.name() + ":" + step.line() + ": " + what + "\n" + transcript);
    }

    private String named(String text) {
        String result = text;
        for (Map.Entry<String, String> name : names.entrySet()) {
            result = result.replace("{" + name.getKey() + "}", name.getValue());
        }
        return result;
    }

    /// Text with escapes as bytes.
    static byte[] bytes(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            char escape = text.charAt(++i);
            switch (escape) {
                case 'r' -> out.write('\r');
                case 'n' -> out.write('\n');
                case 't' -> out.write('\t');
                case '0' -> out.write(0);
                case '\\' -> out.write('\\');
                case 'x' -> {
                    out.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
                    i += 2;
                }
                case '{' -> {
                    int colon = text.indexOf(':', i);
                    int close = text.indexOf('}', colon);
                    byte[] piece = bytes(text.substring(colon + 1, close));
                    for (int n = Integer.parseInt(text.substring(i + 1, colon)); n > 0; n--) {
                        out.writeBytes(piece);
                    }
                    i = close;
                }
                default -> throw new IllegalArgumentException("escape \\" + escape);
            }
        }
        return out.toByteArray();
    }
}
