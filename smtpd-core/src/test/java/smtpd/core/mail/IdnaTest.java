package smtpd.core.mail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.gen.Gen;
import smtpd.core.table.TableText;

import java.net.IDN;
import java.util.List;

class IdnaTest {
    @ParameterizedTest
    @CsvSource({
        "münchen.example, xn--mnchen-3ya.example",
        "MÜNCHEN.Example, xn--mnchen-3ya.example",
        "XN--Mnchen-3ya.example, xn--mnchen-3ya.example",
        "例え.jp, xn--r8jz45g.jp",
        "почта.рф, xn--80a1acny.xn--p1ai",
        "ليهمابتكلموشعربي؟, ليهمابتكلموشعربي؟",
        "faß.de, xn--fa-hia.de",
        "ΣΊΣΥΦΟΣ.gr, xn--kxa6akbbkh.gr",
        "plain.EXAMPLE, plain.example",
        "'', ''",
        "[192.0.2.1], [192.0.2.1]"
    })
    @DisplayName("RFC 5890 §2.3.2.4: a name has one form")
    void nameHasOneForm(String written, String key) {
        assertEquals(key, Idna.key(written));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ex\u3002ample", // a full stop that other programs take for one
                "\u212aelvin", // its lower case is k
                "\u2603", // a snowman is no letter
                "\ufb01sh", // a ligature
                "\uff41bc", // full width
                "-ü",
                "ü-",
                "xx--ü",
                "\u0301a",
                "a\u200d",
                "\u202eevil",
                "ü ü"
            })
    @DisplayName("F-13: what is no label is no name, and equals no other")
    void whatIsNoLabelIsNoName(String label) {
        assertFalse(Idna.isName(label + ".example"));
        assertFalse(Idna.key(label).startsWith("xn--"), () -> Idna.key(label));
        assertFalse(Idna.isAscii(Idna.key(label)));
    }

    @Test
    void labelThatGetsTooLongIsNone() {
        assertTrue(Idna.isName("ü".repeat(40)));
        assertFalse(Idna.isName("ü".repeat(60)));
    }

    @Test
    @DisplayName("RFC 3492 §6.3: labels are encoded as the JDK's own (older) IDNA does")
    void encodesAsTheJdkDoes() {
        List<String> letters = List.of("a", "z", "0", "ü", "é", "я", "д", "例", "え", "한", "𠀀");
        Gen.forAll(
                2000,
                gen -> {
                    String label = "m" + gen.run(letters, 12) + "m";
                    assertEquals(IDN.toASCII(label), Idna.key(label), label);
                });
    }

    @Test
    void keysOfTablesAreEqualWithEitherLabel() {
        for (String key :
                List.of(
                        "MÜNCHEN.example",
                        "*.münchen.example",
                        "Jürgen@münchen.example",
                        "@ü.de")) {
            String ascii =
                    key.replaceAll("(?i)münchen", "xn--mnchen-3ya").replace("@ü", "@xn--tda");
            assertEquals(TableText.fold(ascii), TableText.fold(key));
        }
        assertEquals("jürgen", TableText.fold("JU\u0308RGEN"));
    }

    @Test
    void addressesAreEqualWithEitherLabel() {
        MailAddr unicode = new MailAddr("a", "MÜNCHEN.example");
        assertTrue(unicode.sameMailbox(new MailAddr("a", "xn--mnchen-3ya.example")));
        assertEquals("a@xn--mnchen-3ya.example", unicode.withAsciiDomain().toString());
        assertFalse(unicode.isAscii());
        MailAddr ascii = new MailAddr("a", "Example.org");
        assertEquals(ascii, ascii.withAsciiDomain());
    }
}
