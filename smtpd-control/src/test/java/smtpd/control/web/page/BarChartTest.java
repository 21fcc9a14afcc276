package smtpd.control.web.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.control.stat.Series;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;

class BarChartTest {
    @ParameterizedTest
    @CsvSource({
        "0,1",
        "1,1",
        "2,2",
        "3,5",
        "5,5",
        "6,10",
        "11,20",
        "999,1000",
        "1000,1000",
        "1001,2000"
    })
    void theScaleEndsAtARoundNumber(long most, long top) {
        assertEquals(top, BarChart.ceiling(most));
    }

    @Test
    void aBarForEachColumnAndGreyWhereNothingIsKnown() {
        Html html = new Html();
        Series series =
                new Series(false, 1_800_000_000L, 900, Arrays.asList(null, null, 0L, 20L, 5L));
        new BarChart(html, ZoneOffset.UTC)
                .draw(new BarChart.Look("out", "Mail out", "out"), Span.DAY, series);
        assertEquals(
                """
                <svg viewBox="0 0 300 126" class="chart out" role="img"\
                 aria-labelledby="out-t out-d"><title id="out-t">Mail out</title>\
                <desc id="out-d">In the last day: 25 altogether, at most 20 in 15 minutes.</desc>\
                <text x="33" y="14" text-anchor="end">20</text>\
                <text x="33" y="62" text-anchor="end">10</text>\
                <line class="grid" x1="38" x2="294" y1="58.5" y2="58.5"/>\
                <text x="33" y="110" text-anchor="end">0</text>\
                <line class="grid" x1="38" x2="294" y1="10.5" y2="10.5"/>\
                <line class="ground" x1="38" x2="294" y1="106.5" y2="106.5"/>\
                <rect class="unknown" x="38.0" y="10.0" width="102.4" height="96.0"/>\
                <rect class="bar" x="191.6" y="10.0" width="50.2" height="96.0"/>\
                <rect class="bar open" x="242.8" y="82.0" width="50.2" height="24.0"/>\
                <text x="38" y="121" text-anchor="start">08:00</text>\
                <text x="102" y="121" text-anchor="middle">08:18</text>\
                <text x="166" y="121" text-anchor="middle">08:37</text>\
                <text x="230" y="121" text-anchor="middle">08:56</text>\
                <text x="294" y="121" text-anchor="end">09:15</text></svg>
                """,
                html.toString());
    }

    @Test
    void columnsStayWhereTheyAreAsTimeGoesOn() {
        Instant end = Span.DAY.end(Instant.ofEpochSecond(1_800_000_000L));
        assertEquals(end, Span.DAY.end(Instant.ofEpochSecond(1_800_000_899L)));
        assertEquals(end.plusSeconds(900), Span.DAY.end(Instant.ofEpochSecond(1_800_000_900L)));
        assertEquals(60, Span.HOUR.columns());
        assertEquals(73, Span.YEAR.columns());
    }
}
