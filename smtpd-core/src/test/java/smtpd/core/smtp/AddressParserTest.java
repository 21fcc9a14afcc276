package smtpd.core.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.gen.Table;
import smtpd.core.mail.MailAddr;
import smtpd.core.smtp.AddressParser.Result;

class AddressParserTest {
    @Test
    @DisplayName("F-14 F-15 valid paths keep every byte of the local part")
    void validPaths() {
        for (Table.Row row : Table.rows("path/valid")) {
            Result result = AddressParser.parsePath(row.input(), false);
            Result.Parsed parsed = assertInstanceOf(Result.Parsed.class, result, row.input());
            MailAddr address = parsed.address();
            assertEquals(
                    row.result(),
                    address.user() + "|" + address.domain() + "|" + parsed.rest(),
                    row.input());
        }
    }

    @Test
    @DisplayName("F-13 F-15 invalid paths are refused with a reason")
    void invalidPaths() {
        for (Table.Row row : Table.rows("path/invalid")) {
            assertEquals(
                    new Result.Invalid(row.result()),
                    AddressParser.parsePath(row.input(), false),
                    row.input());
        }
    }

    @Test
    @DisplayName("F-13 a domain over 255 octets or a label over 63 is refused")
    void longDomainsAreRefused() {
        String label = "a".repeat(63);
        String fits = String.join(".", label, label, label, "a".repeat(63));
        assertEquals(255, fits.length());
        assertInstanceOf(Result.Parsed.class, AddressParser.parsePath("<u@" + fits + ">", false));
        assertInstanceOf(
                Result.Invalid.class, AddressParser.parsePath("<u@" + fits + ".b>", false));
        assertInstanceOf(
                Result.Invalid.class, AddressParser.parsePath("<u@" + label + "a.b>", false));
    }

    @Test
    @DisplayName("F-13 a local part over 64 octets is refused, a rewritten sender's over 255")
    void longLocalPartsAreRefused() {
        assertInstanceOf(
                Result.Parsed.class,
                AddressParser.parsePath("<" + "a".repeat(64) + "@b.org>", false));
        assertInstanceOf(
                Result.Invalid.class,
                AddressParser.parsePath("<" + "a".repeat(65) + "@b.org>", false));
        for (String form : java.util.List.of("SRS0=", "srs1=", "\"SRS0=")) {
            String end = form.startsWith("\"") ? "\"@b.org>" : "@b.org>";
            int room = 255 - form.length() - (end.startsWith("\"") ? 1 : 0);
            String fits = form + "a".repeat(room);
            assertInstanceOf(
                    Result.Parsed.class, AddressParser.parsePath("<" + fits + end, false), form);
            assertInstanceOf(
                    Result.Invalid.class,
                    AddressParser.parsePath("<" + fits + "a" + end, false),
                    form);
        }
    }

    @Test
    void beyondAsciiOnlyWhenAllowed() {
        String path = "<jörg@exämple.org>";
        assertInstanceOf(Result.Invalid.class, AddressParser.parsePath(path, false));
        assertEquals(
                new Result.Parsed(new MailAddr("jörg", "exämple.org"), ""),
                AddressParser.parsePath(path, true));
    }

    @Test
    void mailboxTakesAllOfTheText() {
        assertEquals(
                new Result.Parsed(new MailAddr("a", "b.org"), ""),
                AddressParser.parseMailbox("a@b.org", false));
        assertInstanceOf(Result.Invalid.class, AddressParser.parseMailbox("a@b.org>", false));
        assertInstanceOf(Result.Invalid.class, AddressParser.parseMailbox("", false));
    }

    @Test
    void whatIsParsedPrintsAsItWasWritten() {
        for (Table.Row row : Table.rows("path/valid")) {
            if (!row.input().startsWith("<@")) {
                Result.Parsed parsed = (Result.Parsed) AddressParser.parsePath(row.input(), false);
                assertEquals(row.input(), "<" + parsed.address() + ">" + parsed.rest());
            }
        }
    }
}
