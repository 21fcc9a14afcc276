package smtpd.core.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.gen.Gen;
import smtpd.core.gen.Table;
import smtpd.core.mail.Bytes;
import smtpd.core.smtp.CommandParser.Extensions;

import java.util.List;

class CommandParserTest {
    private static final CommandParser PLAIN =
            new CommandParser(new Extensions(true, false, false));
    private static final CommandParser ALL = new CommandParser(new Extensions(true, true, true));
    private static final List<String> WORDS =
            List.of(
                    "MAIL", "RCPT", "FROM:", "TO:", "<", ">", "@", "a", "b.org", " ", "=", "SIZE",
                    "NOTIFY", "ORCPT", "ENVID", "rfc822;", "+", "0D", "\"", "\\", "[", "IPv6:",
                    "::", "1", "BDAT", "AUTH", "NEVER", ",", "\0", "\n", "ä", ".", "%eth0", "EHLO");

    @Test
    @DisplayName("F-8 valid commands")
    void validCommands() {
        for (Table.Row row : Table.rows("command/valid")) {
            assertEquals(
                    row.result(),
                    PLAIN.parse(Bytes.of(row.bytes()), false).toString(),
                    row.input());
        }
    }

    @Test
    @DisplayName("F-4 F-13 F-16 F-17 F-18 malformed commands carry their reply")
    void malformedCommands() {
        for (Table.Row row : Table.rows("command/malformed")) {
            Command command = PLAIN.parse(Bytes.of(row.bytes()), false);
            Command.Malformed malformed =
                    assertInstanceOf(Command.Malformed.class, command, row.input());
            Reply reply = malformed.reply();
            assertEquals(row.result(), reply.code() + " " + reply.esc(), row.input());
        }
    }

    @Test
    @DisplayName("F-16 DSN parameters are unknown where DSN is off")
    void dsnOffMakesItsParametersUnknown() {
        CommandParser parser = new CommandParser(new Extensions(false, false, false));
        for (String line :
                List.of(
                        "MAIL FROM:<a@b> RET=FULL",
                        "MAIL FROM:<a@b> ENVID=1",
                        "RCPT TO:<a@b> NOTIFY=NEVER",
                        "RCPT TO:<a@b> ORCPT=rfc822;a@b")) {
            Command.Malformed malformed = (Command.Malformed) parser.parse(Bytes.of(line), false);
            assertEquals(555, malformed.reply().code(), line);
        }
    }

    @Test
    @DisplayName("F-4 UTF-8 in an address needs SMTPUTF8")
    void utf8NeedsItsParameter() {
        assertInstanceOf(
                Command.Mail.class, ALL.parse(Bytes.of("MAIL FROM:<jörg@b.org> SMTPUTF8"), false));
        assertInstanceOf(
                Command.Malformed.class, ALL.parse(Bytes.of("MAIL FROM:<jörg@b.org>"), false));
        assertInstanceOf(Command.Rcpt.class, ALL.parse(Bytes.of("RCPT TO:<jörg@b.org>"), true));
        assertInstanceOf(
                Command.Malformed.class, ALL.parse(Bytes.of("RCPT TO:<jörg@b.org>"), false));
        byte[] notUtf8 = {'N', 'O', 'O', 'P', ' ', (byte) 0xc3};
        assertInstanceOf(Command.Malformed.class, ALL.parse(Bytes.of(notUtf8), true));
    }

    @Test
    void binaryMimeWhereAnnounced() {
        Command.Mail mail =
                (Command.Mail) ALL.parse(Bytes.of("MAIL FROM:<> BODY=BINARYMIME"), false);
        assertEquals(BodyType.BINARY_MIME, mail.params().body());
    }

    @Test
    @DisplayName("F-85 an initial response never shows in the text form")
    void authHidesItsResponse() {
        Command.Auth auth = (Command.Auth) PLAIN.parse(Bytes.of("AUTH plain c2VjcmV0"), false);
        assertEquals("c2VjcmV0", auth.initialResponse());
        assertEquals(-1, auth.toString().indexOf("c2VjcmV0"));
    }

    @Test
    void wishesOfMailAndRcptMakeADsn() {
        Command.Mail mail =
                (Command.Mail) PLAIN.parse(Bytes.of("MAIL FROM:<> RET=HDRS ENVID=e+2B"), false);
        Command.Rcpt rcpt =
                (Command.Rcpt) PLAIN.parse(Bytes.of("RCPT TO:<a@b> ORCPT=rfc822;c@d"), false);
        assertEquals("e+", rcpt.params().dsn(mail.params()).envid());
        assertEquals("rfc822;c@d", rcpt.params().dsn(mail.params()).orcpt());
    }

    @Test
    @DisplayName("F-4 no line makes the parser throw, and no control gets through")
    void anyLineIsUnderstood() {
        Gen.forAll(
                3000,
                gen -> {
                    Bytes line =
                            gen.oneIn(4) ? Bytes.of(gen.bytes(64)) : Bytes.of(gen.run(WORDS, 20));
                    Command command = ALL.parse(line, gen.oneIn(2));
                    assertNotNull(command);
                    if (!(command instanceof Command.Malformed)) {
                        assertEquals(0, command.toString().chars().filter(c -> c < ' ').count());
                    }
                });
    }
}
