package smtpd.mda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.mail.Bytes;

final class HeaderScanTest {
    private static HeaderScan scan(String... pieces) {
        HeaderScan scan = new HeaderScan();
        for (String piece : pieces) {
            scan.feed(Bytes.of(piece));
        }
        scan.finish();
        return scan;
    }

    @Test
    @DisplayName("F-35: Delivered-To is found in any case, folded, and over pieces")
    void deliveredTo() {
        assertTrue(scan("Delivered-To: A@Example.com\r\n\r\n").deliveredTo("a@example.com"));
        assertTrue(scan("X: y\r\ndelivered-TO:\r\n\ta@b\r\n\r\n").deliveredTo("a@b"));
        assertTrue(scan("X: y\r\nDelive", "red-To: <a@", "b>\r", "\n\r\n").deliveredTo("a@b"));
        assertTrue(scan("Delivered-To: x@y\nDelivered-To: a@b").deliveredTo("a@b"));
    }

    @Test
    void anotherAddressOrTheBodyIsNoLoop() {
        assertFalse(scan("Delivered-To: ab@c\r\n\r\n").deliveredTo("b@c"));
        assertFalse(scan("Subject: x\r\n\r\nDelivered-To: a@b\r\n").deliveredTo("a@b"));
        assertFalse(scan("no field\r\nDelivered-To: a@b\r\n").deliveredTo("a@b"));
        assertFalse(scan("X-Delivered-To: a@b\r\n\r\n").deliveredTo("a@b"));
    }

    @Test
    void spamIsWhatAFilterMarked() {
        assertTrue(scan("X-Spam: Yes\r\n\r\n").isSpam());
        assertTrue(scan("x-spam-flag: YES\r\n\r\n").isSpam());
        assertFalse(scan("X-Spam: no\r\nX-Spam-Status: yes\r\n\r\n").isSpam());
    }

    @Test
    void anEndlessHeaderIsLookedAtOnlySoFar() {
        HeaderScan scan = new HeaderScan();
        Bytes piece = Bytes.of("X: " + "x".repeat(1000) + "\r\n");
        int pieces = 0;
        while (!scan.feed(piece)) {
            pieces++;
        }
        assertEquals(HeaderScan.HEADER_MAX / piece.length(), pieces);
    }
}
