package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.mail.Outcome;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// What the queue may hold, whatever that is, leaves as one message: no bare CR or LF, and no end
/// before the end.
class SmugglingOutTest extends MtaSessionFixture {
    private static final List<String> WORDS =
            List.of(
                    "\r",
                    "\n",
                    ".",
                    "..",
                    "\r\n",
                    "\n.\n",
                    "\r\n.\n",
                    "\r\n.\r\n",
                    "\n.\r\n",
                    "\r.\r",
                    "\0",
                    "a",
                    "\r\n.\r\r\n",
                    "MAIL FROM:<evil@x.example>\r\n",
                    "\nQUIT\r\n",
                    "BDAT 0 LAST\r\n");

    /// A server that takes everything and remembers it. What it answers is ready as soon as the
    /// client has sent what it answers to.
    private static final class Memory implements Transport {
        private final String offers;
        private final boolean lmtp;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        final ByteArrayOutputStream content = new ByteArrayOutputStream();
        final List<String> commands = new ArrayList<>();
        private byte[] replies = new byte[0];
        private boolean data;
        private int chunk;
        private String afterChunk = "";

        Memory(String offers, boolean lmtp) {
            this.offers = offers;
            this.lmtp = lmtp;
            reply("220 there");
        }

        private void reply(String text) {
            byte[] more = (text + "\r\n").getBytes(StandardCharsets.US_ASCII);
            byte[] all = new byte[replies.length + more.length];
            System.arraycopy(replies, 0, all, 0, replies.length);
            System.arraycopy(more, 0, all, replies.length, more.length);
            replies = all;
        }

        @Override
        public void sendPatience(Duration patience) {}

        @Override
        public InputStream in() {
            return new InputStream() {
                @Override
                public int read() {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] into, int offset, int length) {
                    int count = Math.min(length, replies.length);
                    System.arraycopy(replies, 0, into, offset, count);
                    byte[] rest = new byte[replies.length - count];
                    System.arraycopy(replies, count, rest, 0, rest.length);
                    replies = rest;
                    return count == 0 ? -1 : count;
                }

                @Override
                public int available() {
                    return replies.length;
                }
            };
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                take(bytes[i]);
            }
        }

        /// As a server would that takes a bare LF for the end of a line, but for the content.
        private void take(byte octet) {
            if (chunk > 0) {
                content.write(octet);
                chunk--;
                endOfChunk();
                return;
            }
            line.write(octet);
            if (octet != '\n') {
                return;
            }
            String text = line.toString(StandardCharsets.ISO_8859_1);
            line.reset();
            if (data) {
                content.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
                if (text.matches("\\.\r*\n")) {
                    data = false;
                    reply("250 2.0.0 taken");
                    if (lmtp) {
                        reply("250 2.0.0 taken");
                    }
                }
            } else {
                obey(text.stripTrailing());
            }
        }

        private void endOfChunk() {
            if (chunk == 0) {
                reply(afterChunk);
            }
        }

        private void obey(String command) {
            commands.add(command);
            String[] words = command.split(" ", -1);
            switch (words[0]) {
                case "EHLO", "LHLO" -> reply("250-there\r\n250-PIPELINING\r\n250 " + offers);
                case "DATA" -> {
                    data = true;
                    reply("354 go");
                }
                case "BDAT" -> {
                    chunk = Integer.parseInt(words[1]);
                    afterChunk = "250 2.0.0 taken";
                    endOfChunk();
                }
                default -> reply("250 2.0.0 ok");
            }
        }

        @Override
        public void deadline(Duration patience) {}

        @Override
        public String localAddress() {
            return "127.0.0.1";
        }

        @Override
        public int localPort() {
            return 0;
        }

        @Override
        public void close() {}
    }

    private SessionReport.Finished send(Memory server, List<String> pieces, Scheme scheme)
            throws InterruptedException {
        ContentSource content = Samples.content(pieces.toArray(String[]::new));
        MtaSession session = open((route, patience) -> server, 0, scheme, content);
        session.give(Samples.task(1, "a@dest.test", "b@dest.test"));
        session.finish();
        next(SessionReport.Ready.class);
        SessionReport.Finished finished = next(SessionReport.Finished.class);
        next(SessionReport.Ended.class);
        return finished;
    }

    private static List<String> pieces(SplittableRandom random) {
        List<String> pieces = new ArrayList<>();
        for (int i = random.nextInt(6) + 1; i > 0; i--) {
            StringBuilder piece = new StringBuilder();
            for (int j = random.nextInt(8) + 1; j > 0; j--) {
                piece.append(WORDS.get(random.nextInt(WORDS.size())));
            }
            pieces.add(piece.toString());
        }
        return pieces;
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIZE", "CHUNKING", "LMTP"})
    @DisplayName("F-26 F-27: whatever the queue holds leaves as one message with CRLF")
    void whateverTheQueueHoldsLeavesAsOneMessage(String way) throws Exception {
        SplittableRandom random = new SplittableRandom(27);
        boolean lmtp = way.equals("LMTP");
        for (int run = 0; run < 300; run++) {
            List<String> pieces = pieces(random);
            Memory server = new Memory(way, lmtp);
            SessionReport.Finished finished =
                    send(server, pieces, lmtp ? Scheme.LMTP : Scheme.SMTP);
            assertEquals(
                    List.of(Outcome.OK, Outcome.OK),
                    finished.results().stream().map(DeliveryResult::outcome).toList(),
                    pieces::toString);
            String sent = server.content.toString(StandardCharsets.ISO_8859_1);
            assertEquals("", sent.replace("\r\n", "").replaceAll("[^\r\n]", ""), pieces::toString);
            List<String> commands = server.commands;
            assertTrue(commands.stream().noneMatch(it -> it.contains("evil")), commands::toString);
            boolean chunks = commands.stream().anyMatch(it -> it.startsWith("BDAT "));
            assertEquals(way.equals("CHUNKING"), chunks);
            assertEquals("QUIT", commands.getLast());
            assertEquals(1, commands.stream().filter("QUIT"::equals).count());
            if (!way.equals("CHUNKING")) {
                int end = ("\r\n" + sent).indexOf("\r\n.\r\n");
                assertEquals(sent.length() - 3, end, pieces::toString);
            }
        }
    }
}
