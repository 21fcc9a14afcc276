package smtpd.core.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.gen.Gen;
import smtpd.core.gen.Table;
import smtpd.core.mail.MailAddr;

import java.util.List;
import java.util.stream.Collectors;

class HeaderAddressesTest {
    private static String shown(HeaderAddresses list) {
        return list.addresses().stream().map(MailAddr::toString).collect(Collectors.joining(" "));
    }

    @Test
    void addressLists() {
        for (Table.Row row : Table.rows("addresses/valid")) {
            HeaderAddresses list = HeaderAddresses.parse(row.input());
            assertEquals(row.result(), shown(list), row.input());
            assertTrue(list.whole(), row.input());
        }
    }

    @Test
    @DisplayName("F-34 a broken list gives what can be read, and says so")
    void brokenLists() {
        for (Table.Row row : Table.rows("addresses/broken")) {
            HeaderAddresses list = HeaderAddresses.parse(row.input());
            assertEquals(row.result(), shown(list), row.input());
            assertFalse(list.whole(), row.input());
        }
    }

    @Test
    @DisplayName("deep comments and long lists are bounded")
    void bounded() {
        assertEquals(
                "a@b",
                shown(HeaderAddresses.parse("(".repeat(100_000) + ")".repeat(100_000) + "a@b")));
        HeaderAddresses list = HeaderAddresses.parse("a@b,".repeat(20_000));
        assertEquals(HeaderAddresses.MAILBOXES_MAX, list.mailboxes().size());
        assertFalse(list.whole());
    }

    @Test
    void anyTextIsRead() {
        List<String> words =
                List.of(
                        "a", "@", "<", ">", "(", ")", "\"", "\\", ",", ";", ":", "[", "]", ".", " ",
                        "ä");
        Gen.forAll(
                3000,
                gen -> {
                    String text = gen.run(words, 16);
                    int size = text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
                    for (HeaderAddresses.Mailbox mailbox :
                            HeaderAddresses.parse(text).mailboxes()) {
                        assertTrue(mailbox.end() > 0 && mailbox.end() <= size, text);
                        assertFalse(mailbox.address().isNull(), text);
                    }
                });
    }
}
