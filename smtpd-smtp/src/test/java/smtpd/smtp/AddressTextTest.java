package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.InetAddress;

class AddressTextTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.1,192.0.2.1",
        "::1,::1",
        "::,::",
        "2001:db8:0:0:0:0:0:1,2001:db8::1",
        "2001:0:0:1:0:0:0:1,2001:0:0:1::1",
        "2001:db8:0:1:1:1:1:1,2001:db8:0:1:1:1:1:1",
        "2001:db8:0:0:1:0:0:1,2001:db8::1:0:0:1",
        "fe80:0:0:0:0:0:0:0,fe80::",
        "::ffff:192.0.2.1,192.0.2.1"
    })
    void addressesAreWrittenInTheirShortestForm(String literal, String shortest) {
        assertEquals(shortest, AddressText.of(InetAddress.ofLiteral(literal)));
    }
}
