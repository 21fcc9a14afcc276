package smtpd.core.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotingTest {
    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '\'',
            textBlock =
                    """
                    joe => joe
                    "joe" => joe
                    "a b" => a b
                    "a\\"b" => a"b
                    "a\\\\b" => a\\b
                    " => "
                    """)
    @DisplayName("F-14 a quoted local part means its content")
    void content(String localPart, String content) {
        assertEquals(content, Quoting.content(localPart));
    }

    @ParameterizedTest
    @ValueSource(strings = {"joe", "a.b", "!#$%&'*+-/=?^_`{|}~", "grüße"})
    void whatNeedsNoQuotesGetsNone(String content) {
        assertEquals(content, Quoting.localPart(content));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", ".a", "a.", "a..b", "a\"b", "a\\b", "a@b", "<>", "[1]"})
    @DisplayName("F-14 what needs quotes gets them and comes back")
    void whatNeedsQuotesGetsThem(String content) {
        String quoted = Quoting.localPart(content);
        assertEquals('"', quoted.charAt(0));
        assertEquals(content, Quoting.content(quoted));
    }

    @Test
    void quotesThatDoNotCloseStay() {
        assertEquals("\"a", Quoting.content("\"a"));
    }
}
