package smtpd.control.web.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlTest {
    @Test
    void whateverIsPutInIsText() {
        String hostile = "</bdi><script>alert('1')</script>\" onload=\"x&amp;";
        String written = new Html().open("p", "title", hostile).name(hostile).close().toString();
        assertEquals(
                "<p title=\"&lt;/bdi&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;"
                        + " onload=&quot;x&amp;amp;\"><bdi>&lt;/bdi&gt;&lt;script&gt;alert('1')"
                        + "&lt;/script&gt;\" onload=\"x&amp;amp;</bdi></p>",
                written);
    }

    @Test
    void whatWouldTurnTheLineAroundOrHideIsReplaced() {
        assertEquals(
                "<p>a\ufffdb\ufffdc\ufffdd\u00fc\ud83d\ude00</p>",
                new Html().element("p", "a\u202eb\u0000c\u009bd\u00fc\ud83d\ude00").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"p onclick", "p><script", "", "1", "p\n"})
    void namesAreWords(String name) {
        assertThrows(IllegalArgumentException.class, () -> new Html().open(name));
        assertThrows(IllegalArgumentException.class, () -> new Html().open("p", name, "x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"onclick", "onLoad", "style"})
    void nothingRunsOutOfAnAttribute(String name) {
        assertThrows(IllegalArgumentException.class, () -> new Html().open("p", name, "x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"javascript:alert(1)", "//example.org/", "https://x/", "/\\x", "data:,"})
    void noLinkLeadsAway(String link) {
        assertThrows(IllegalArgumentException.class, () -> new Html().open("a", "href", link));
    }

    @Test
    void anOpenElementIsAMistake() {
        assertThrows(IllegalStateException.class, () -> new Html().open("p").toString());
    }
}
