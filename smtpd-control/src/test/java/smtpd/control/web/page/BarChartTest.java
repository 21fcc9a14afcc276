package smtpd.control.web.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import smtpd.control.stat.Series;
import smtpd.testkit.Golden;

import java.time.ZoneOffset;
import java.util.Arrays;

class BarChartTest {
    @ParameterizedTest
    @CsvSource({"0,1", "1,1", "2,2", "3,5", "5,5", "6,10", "11,20", "999,1000", "1000,1000", "1001,2000"})
    void theScaleEndsAtARoundNumber(long most, long top) {
        assertEquals(top, BarChart.ceiling(most));
    }
}
