package smtpd.control.web.page;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.control.web.HttpAnswer;
import smtpd.control.web.HttpRequest;
import smtpd.core.imsg.ManagedService;
import smtpd.core.mail.Secret;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

class OrderPageTest {
    private static final String TOKEN = "sixteen letters and more";

    private final List<Order> done = new ArrayList<>();

    private HttpAnswer post(String form, Map<String, String> fields) throws IOException {
        Map<String, String> all = new TreeMap<>(fields);
        all.put("host", "127.0.0.1:9199");
        OrderPage page =
                new OrderPage(
                        new Secret(TOKEN),
                        order -> {
                            done.add(order);
                            return "done";
                        });
        return page.answer(new HttpRequest("POST", "/order", all, form));
    }

    private String status(String form, Map<String, String> fields) throws IOException {
        return post(form, fields).status();
    }

    private static String with(String order) {
        return "token=sixteen+letters+and%20more&order=" + order;
    }

    @Test
    void ordersAreCarriedOut() throws IOException {
        assertEquals("done\n", post(with("pause+mda"), Map.of()).body());
        assertEquals("200 OK", status(with("resume+mta"), Map.of()));
        assertEquals("200 OK", status(with("schedule+a%20b.example"), Map.of()));
        assertEquals("200 OK", status(with("route+7"), Map.of()));
        assertEquals(
                List.of(
                        new Order.Pause(ManagedService.MDA, true),
                        new Order.Pause(ManagedService.MTA, false),
                        new Order.Schedule("a b.example"),
                        new Order.Forgive(7)),
                done);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "order=pause+mda",
                "token=&order=pause+mda",
                "token=sixteen+letters+and+mor&order=pause+mda",
                "token=sixteen+letters+and+more+&order=pause+mda",
                "token=%zz&order=pause+mda",
                ""
            })
    void withoutTheTokenNothingIsDone(String form) throws IOException {
        assertEquals("403 Forbidden", status(form, Map.of()));
        assertEquals(List.of(), done);
    }

    @Test
    void aRequestFromAnotherSiteIsRefusedEvenWithTheToken() throws IOException {
        for (Map<String, String> fields :
                List.of(
                        Map.of("origin", "http://evil.example"),
                        Map.of("origin", "null"),
                        Map.of("origin", "http://127.0.0.1:80"),
                        Map.of("sec-fetch-site", "cross-site"),
                        Map.of("sec-fetch-site", "same-site"),
                        Map.of("sec-fetch-site", "none"))) {
            assertEquals("403 Forbidden", status(with("pause+mda"), fields), fields.toString());
        }
        assertEquals(List.of(), done);
        assertEquals(
                "200 OK",
                status(
                        with("pause+mda"),
                        Map.of(
                                "origin",
                                "http://127.0.0.1:9199",
                                "sec-fetch-site",
                                "same-origin")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "pause", "pause+smtp", "pause+", "route+x", "remove+all", "schedule+"})
    void whatIsNoOrderIsRefused(String order) throws IOException {
        assertEquals("400 Bad Request", status(with(order), Map.of()));
        assertEquals(List.of(), done);
    }
}
