package smtpd.e2e.crash;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/// A message that says who it is and what its body sums up to, so that a copy of it can be told to
/// be whole.
///
/// @param id unlike that of any other
/// @param text header and body, lines ended by LF
record Letter(String id, String text) {
    private static final Pattern ID = Pattern.compile("(?m)^X-Letter: (\\S+)$");
    private static final Pattern SUM = Pattern.compile("(?m)^X-Sum: ([0-9a-f]+)$");
    private static final int LINES_MAX = 200;
    private static final int LINE_MAX = 70;

    /// A letter with a body of random length.
    static Letter of(String id, RandomGenerator random) {
        StringBuilder body = new StringBuilder();
        int lines = 1 + random.nextInt(LINES_MAX);
        for (int i = 0; i < lines; i++) {
            int length = random.nextInt(LINE_MAX);
            for (int j = 0; j < length; j++) {
                body.append((char) ('a' + random.nextInt(26)));
            }
            body.append('\n');
        }
        String header =
                "From: <client@client.example>\nTo: <someone@example.org>\nSubject: letter\n"
                        + "Message-ID: <%s@client.example>\nX-Letter: %s\nX-Sum: %s\n"
                                .formatted(id, id, sum(body));
        return new Letter(id, header + "\n" + body);
    }

    private static String sum(CharSequence body) {
        CRC32 crc = new CRC32();
        crc.update(body.toString().getBytes(StandardCharsets.US_ASCII));
        return Long.toHexString(crc.getValue());
    }

    /// The id of the letter that a delivered message is a copy of; empty if it is not whole.
    static Optional<String> whole(String delivered) {
        String text = delivered.replace("\r\n", "\n");
        int end = text.indexOf("\n\n");
        if (end < 0) {
            return Optional.empty();
        }
        String header = text.substring(0, end + 1);
        Matcher id = ID.matcher(header);
        Matcher sum = SUM.matcher(header);
        boolean found = id.find() && sum.find();
        return found && sum.group(1).equals(sum(text.substring(end + 2)))
                ? Optional.of(id.group(1))
                : Optional.empty();
    }
}
