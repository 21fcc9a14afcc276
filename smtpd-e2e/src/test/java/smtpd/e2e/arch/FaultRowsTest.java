package smtpd.e2e.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Every row of the faults that this daemon answers for has a test that names it, as `F-26`.
class FaultRowsTest {
    private static final Pattern ROW = Pattern.compile("\\bF-(\\d{1,3})\\b");

    /// First and last row of each run of rows.
    private static final List<int[]> PROMISED =
            List.of(
                    rows(1, 16),
                    rows(18, 18),
                    rows(20, 22),
                    rows(26, 38),
                    rows(55, 58),
                    rows(63, 88),
                    rows(93, 93));

    private static int[] rows(int first, int last) {
        return new int[] {first, last};
    }

    @Test
    void everyPromisedRowIsNamedByATest() {
        Set<Integer> missing =
                PROMISED.stream()
                        .flatMapToInt(run -> IntStream.rangeClosed(run[0], run[1]))
                        .boxed()
                        .collect(Collectors.toCollection(TreeSet::new));
        missing.removeAll(named());
        assertEquals(Set.of(), missing, "rows that no test names");
    }

    /// Rows named by tests, by the dialogues that a test plays, and by what scenarios say they are
    /// for.
    private static Set<Integer> named() {
        Stream<String> tests =
                Sources.java().stream()
                        .filter(source -> !source.isMain())
                        .filter(source -> !source.type().equals("FaultRowsTest"))
                        .map(Sources.Source::text);
        Stream<String> scripts =
                Stream.of(
                                Sources.below("smtpd-testkit/src/main/resources/dialogues"),
                                Sources.below("smtpd-e2e/src/test/resources/scenarios"))
                        .flatMap(List::stream);
        Set<Integer> named = new TreeSet<>();
        Stream.concat(tests, scripts)
                .forEach(text -> {
                    Matcher matcher = ROW.matcher(text);
                    while (matcher.find()) {
                        named.add(Integer.valueOf(matcher.group(1)));
                    }
                });
        return named;
    }
}
