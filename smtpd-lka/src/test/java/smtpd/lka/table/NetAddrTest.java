package smtpd.lka.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetAddrTest {
    @ParameterizedTest
    @DisplayName("F-15 address literals are read and written in one form")
    @CsvSource({
        "192.0.2.1, 192.0.2.1",
        "[192.0.2.1], 192.0.2.1",
        "192.0.2.77/24, 192.0.2.0/24",
        "0.0.0.0/0, 0.0.0.0/0",
        "::, ::",
        "::1, ::1",
        "[::1], ::1",
        "[IPv6:2001:DB8::1], 2001:db8::1",
        "ipv6:2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "2001:db8:ffff::/33, 2001:db8:8000::/33",
        "::ffff:192.0.2.1, 192.0.2.1",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "1::, 1::",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    })
    void literalsAreReadAndWrittenInOneForm(String text, String canonical) {
        assertEquals(canonical, NetAddr.parse(text).map(NetAddr::toString).orElse("refused"));
    }

    @ParameterizedTest
    @DisplayName("F-15 junk literals are refused")
    @ValueSource(
            strings = {
                "",
                "[]",
                "local",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "1.2.3.-4",
                "1.2.3.4/33",
                "1.2.3.4/",
                "1.2.3.4/x",
                "fe80::1%eth0",
                "[IPv6:fe80::1%eth0]",
                "1::2::3",
                ":::",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7",
                "12345::",
                "g::1",
                "1.2.3.4::",
                "IPv6:1.2.3.4",
                "::1/129",
                "99999999999.1.1.1",
            })
    void junkIsRefused(String text) {
        assertTrue(NetAddr.parse(text).isEmpty());
    }

    @Test
    void reverseNames() {
        assertEquals(
                "1.2.0.192.in-addr.arpa",
                NetAddr.parse("192.0.2.1").map(NetAddr::reverseName).orElseThrow());
        assertEquals(
                "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
                NetAddr.parse("2001:db8::1").map(NetAddr::reverseName).orElseThrow());
    }
}
