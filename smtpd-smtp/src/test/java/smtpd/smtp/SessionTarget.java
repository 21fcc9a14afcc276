package smtpd.smtp;

import smtpd.core.conf.Listener;
import smtpd.smtp.protocol.Client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Whole sessions: the first byte says who the client is and how the network cuts its bytes, the
/// rest is what it sends. Whatever it sends, the session ends in order, answers in whole replies,
/// owes nothing, and takes no more messages than were ended, none with a bare CR, LF or NUL.
public final class SessionTarget {
    private static final int LOCAL = 1;
    private static final int LMTP = 2;

    /// Below it pieces of so many bytes, at it lines.
    private static final int LINES = 0x3f;

    /// What a client must send at least for one reply, and what one reply may be.
    private static final int REPLY_MAX = 1024;

    private SessionTarget() {}

    /// One run.
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] sent = Arrays.copyOfRange(input, 1, input.length);
        House house = new House();
        if ((input[0] & LMTP) != 0) {
            house.flags.add(Listener.Flag.LMTP);
        }
        boolean local = (input[0] & LOCAL) != 0;
        house.client = local ? Client.local(House.HOST, "joe") : Client.at("192.0.2.7");
        SplitStream stream = new SplitStream(cut(sent, input[0] >> 2 & LINES));
        house.session(stream).run();

        check(stream.closed, "left open");
        check(house.queue.open.isEmpty(), "a message left open");
        check(house.queue.windowsOpen == 0, "a window left open");
        check(house.memory.free() == house.memory.all(), "memory lost");
        String last = house.log.getLast();
        check(last.contains(" smtp disconnected reason="), "no farewell in the log");
        check(!last.endsWith(" reason=\"io-error: internal error\""), "it failed");
        replies(stream.said(), sent.length);
        accepted(house.queue.accepted, new String(sent, StandardCharsets.ISO_8859_1));
    }

    private static List<byte[]> cut(byte[] bytes, int how) {
        List<byte[]> pieces = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            boolean end = how == LINES ? bytes[i] == '\n' : i - start == how;
            if (end || i == bytes.length - 1) {
                pieces.add(Arrays.copyOfRange(bytes, start, i + 1));
                start = i + 1;
            }
        }
        return pieces;
    }

    private static void replies(String said, int sent) {
        check(said.endsWith("\r\n"), "an unfinished reply");
        check(said.replace("\r\n", "").chars().noneMatch(c -> c < ' '), "a control in a reply");
        for (String line : said.split("\r\n", -1)) {
            check(line.isEmpty() || line.matches("[2-5]\\d\\d[ -].*"), "no reply: " + line);
        }
        check(said.length() <= (sent / 2 + 4L) * REPLY_MAX, "more said than asked for");
    }

    private static void accepted(List<String> accepted, String sent) {
        long ends = ("\r\n" + sent).split("\r\n\\.\r\n", -1).length - 1L;
        long lasts = sent.toUpperCase(java.util.Locale.ROOT).split("LAST", -1).length - 1L;
        check(accepted.size() <= ends + lasts, "more messages than ends");
        for (String content : accepted) {
            String bare = content.replace("\r\n", "");
            check(bare.chars().noneMatch(c -> c == '\r' || c == '\n' || c == 0), "a bare end");
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
