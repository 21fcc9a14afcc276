package smtpd.lka.expand;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.mail.MailAddr;

import java.util.List;
import java.util.Optional;

class LocalPartTest {
    private final LocalPart parts = new LocalPart('+');

    @Test
    @DisplayName("F-14 a quoted local part means its content")
    void quotedLocalPartMeansItsContent() {
        assertEquals(Optional.of("bob"), parts.userName("\"Bob\""));
        assertEquals(Optional.of("joe smith"), parts.userName("\"joe smith\""));
        assertEquals(Optional.of("a\"b"), parts.userName("\"a\\\"b\""));
    }

    @ParameterizedTest
    @DisplayName("F-13 names that would mean something in a path are nobody's")
    @ValueSource(
            strings = {
                "\"\"",
                "\"@\"",
                "\"a@b\"",
                "../x",
                "\"/etc/passwd\"",
                ".",
                "..",
                "+tag",
                "a+/b"
            })
    void impossibleNames(String localPart) {
        assertEquals(Optional.empty(), parts.userName(localPart));
    }

    @Test
    void overLongNameIsNobodys() {
        assertEquals(Optional.empty(), parts.userName("x".repeat(256)));
    }

    @Test
    void virtualKeysInOrder() {
        assertEquals(
                List.of("bob+x@ex.org", "bob@ex.org", "bob+x", "bob", "@ex.org", "@"),
                parts.virtualKeys(new MailAddr("Bob+X", "Ex.org")));
        assertEquals(
                List.of("bob@ex.org", "bob", "@ex.org", "@"),
                parts.virtualKeys(new MailAddr("bob", "ex.org")));
    }

    @Test
    @DisplayName("F-14 a quoted address does not find another domain's entry")
    void quotedAddressIsNotAnotherAddress() {
        assertEquals(
                List.of("bob@other.org@ex.org", "@ex.org", "@"),
                parts.virtualKeys(new MailAddr("\"bob@other.org\"", "ex.org")));
    }
}
