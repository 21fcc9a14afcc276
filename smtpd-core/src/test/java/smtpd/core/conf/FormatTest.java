package smtpd.core.conf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.Test;

import java.util.LinkedHashMap;
import java.util.Map;

class FormatTest {
    private static final Map<String, String> VALUES = new LinkedHashMap<>();

    static {
        VALUES.put("sender", "Alice+news@a.example");
        VALUES.put("sender.user", "Alice+news");
        VALUES.put("sender.domain", "a.example");
        VALUES.put("dest.user", "bob");
        VALUES.put("rcpt", "");
        VALUES.put("user.username", "bob");
        VALUES.put("user.directory", "/home/b'ob");
        VALUES.put("mda", "procmail 'x'");
    }

    private static String expand(String text) {
        return switch (Format.expand(text, VALUES, "+")) {
            case Format.Expanded.Ok(String result) -> result;
            case Format.Expanded.Failed(String why) -> "failed: " + why;
        };
    }

    private static void fails(String text) {
        assertInstanceOf(
                Format.Expanded.Failed.class, Format.expand(text, VALUES, "+"), () -> text);
    }

    @Test
    void namesStandForTheirValuesInAnyCase() {
        assertEquals("bob at a.example", expand("%{dest.user} at %{SENDER.domain}"));
        assertEquals("[]", expand("[%{rcpt}]"));
    }

    @Test
    void percentAndHome() {
        assertEquals("100% of /home/b'ob", expand("100%% of %{user.directory}"));
        assertEquals("/home/b'ob/Mail", expand("~/Mail"));
        assertEquals("x~/Mail %d", expand("x~/Mail %d"));
    }

    @Test
    void modifiersApplyInOrder() {
        assertEquals("alice+news@a.example", expand("%{sender:lowercase}"));
        assertEquals("ALICE@A.EXAMPLE", expand("%{sender:strip|uppercase}"));
        assertEquals("Alice", expand("%{sender.user:strip}"));
    }

    @Test
    void rangesCountFromBothEndsAndHoldTheirEnd() {
        assertEquals("A", expand("%{sender.user[0]}"));
        assertEquals("s", expand("%{sender.user[-1]}"));
        assertEquals("Alice", expand("%{sender.user[:4]}"));
        assertEquals("news", expand("%{sender.user[-4:]}"));
        assertEquals("Alice+news", expand("%{sender.user[0:-1]}"));
        assertEquals("lic", expand("%{sender.user[1:3]}"));
        assertEquals("news", expand("%{sender.user[6:99]}"));
    }

    @Test
    void rangeAndModifierGoTogether() {
        assertEquals("a", expand("%{sender.user[0]:lowercase}"));
        assertEquals("ALI", expand("%{sender.user[0:2]:strip|uppercase}"));
    }

    @Test
    void whatCannotBeReadFails() {
        fails("%{nosuch}");
        fails("%{sender");
        fails("%{sender:rot13}");
        fails("%{sender[]}");
        fails("%{sender[x]}");
        fails("%{dest.user[3]}");
        fails("%{dest.user[2:1]}");
        fails("%{" + "x".repeat(200) + "}");
        fails("x".repeat(1024));
        assertEquals(1023, expand("x".repeat(1023)).length());
    }

    @Test
    void noAddressReachesAShellAsSyntax() {
        Map<String, String> values = Map.of("sender", "\";rm -rf /;\" `x` $(y) a\\b\nc@d");
        Format.Expanded expanded = Format.expand("%{sender}", values, "+");
        assertEquals(new Format.Expanded.Ok("::rm:-rf:/::::x::::y::a:b:c@d"), expanded);
    }

    @Test
    void rawKeepsEveryCharacter() {
        Map<String, String> values = Map.of("sender", "a|b@c");
        assertEquals(new Format.Expanded.Ok("a|b@c"), Format.expand("%{sender:raw}", values, "+"));
        assertEquals(new Format.Expanded.Ok("a:b@c"), Format.expand("%{sender}", values, "+"));
    }

    @Test
    void homeAndCommandAreNeverReplaced() {
        assertEquals("/home/b'ob procmail 'x'", expand("%{user.directory} %{mda}"));
    }

    @Test
    void problemsAreKnownWithoutValues() {
        assertEquals("", Format.problem("~/x/%{user.username:lowercase|strip}%%{", false));
        assertEquals("", Format.problem("%{mda}", true));
        assertEquals("unknown format specifier %{mda}", Format.problem("%{mda}", false));
        assertEquals("format specifier without '}'", Format.problem("%{sender", false));
    }
}
