package smtpd.lka.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WildcardTest {
    @ParameterizedTest
    @CsvSource({
        "one.ex.org, *.ex.org, true",
        "a.b.ex.org, *.ex.org, false",
        "ex.org, *.ex.org, false",
        "ex.org, ex.org, true",
        "ex.orga, ex.org, false",
        "anything.at.all, *, true",
        "mail1.ex.org, mail*.ex.org, true",
        "mail.ex.org, mail**.ex.org, true",
        "ex.org, ex.*, true",
    })
    void starTakesUpToTheNextCharacter(String text, String pattern, boolean fits) {
        assertEquals(fits, Wildcard.fits(text, pattern));
    }
}
