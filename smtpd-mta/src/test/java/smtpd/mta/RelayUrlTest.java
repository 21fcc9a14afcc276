package smtpd.mta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

final class RelayUrlTest {
    private static String read(String text) {
        return RelayUrl.parse(text).map(RelayUrl::toString).orElse("none");
    }

    @Test
    void schemasHaveTheirDefaultPorts() {
        assertEquals("smtp://mail.test:25", read("mail.test"));
        assertEquals("smtp://mail.test:25", read("smtp://Mail.Test"));
        assertEquals("smtp+tls://mail.test:25", read("smtp+tls://mail.test"));
        assertEquals("smtp+notls://mail.test:2525", read("smtp+notls://mail.test:2525"));
        assertEquals("smtps://mail.test:465", read("smtps://mail.test"));
        assertEquals("lmtp://127.0.0.1:24", read("lmtp://127.0.0.1:24"));
    }

    @Test
    void labelsAndLiterals() {
        assertEquals("smtps://me@mail.test:465", read("smtps://me@mail.test"));
        assertEquals("smtp+tls://a@b@mail.test:587", read("smtp+tls://a@b@mail.test:587"));
        assertEquals("smtp://[2001:db8::1]:25", read("smtp://[2001:db8::1]"));
        assertEquals("smtp://[2001:db8::1]:2525", read("[2001:db8::1]:2525"));
    }

    @Test
    void whatIsNoRelayHost() {
        for (String text :
                List.of(
                        "",
                        "smtp://",
                        "ftp://mail.test",
                        "lmtp://mail.test",
                        "smtp://label@mail.test",
                        "lmtp://label@mail.test:24",
                        "smtp://mail.test:0",
                        "smtp://mail.test:65536",
                        "smtp://mail.test:",
                        "smtp://mail.test:2a",
                        "smtp://[2001:db8::1",
                        "smtp://[::1]x:25",
                        "smtps://@mail.test",
                        "smtp://mail test",
                        "smtp://mail.test/path")) {
            assertEquals(Optional.empty(), RelayUrl.parse(text), text);
        }
    }
}
