package smtpd.filter.dnsbl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.filter.DnsType;
import smtpd.filter.testkit.FakeClient;
import smtpd.filter.testkit.FakeDaemon;
import smtpd.filter.testkit.FakeDns;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// The filter, as the server sees it.
class DnsblTest {
    private static final String V6_TEST =
            "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.";

    private static FakeDaemon run(FakeDns dns, String... directives) throws IOException {
        SettingsReader reader = new SettingsReader();
        for (String each : directives) {
            reader.read(each);
        }
        return FakeDaemon.run(new Dnsbl(reader.settings()).filter(), dns);
    }

    private static FakeDaemon run(String... directives) throws IOException {
        return run(new FakeDns(), directives);
    }

    /// Lists that are in order.
    private static FakeDaemon runGood(String... directives) throws IOException {
        FakeDns dns = new FakeDns();
        for (String directive : directives) {
            String[] words = directive.split(" ", 3);
            if (words[0].matches("list|allow|domains")) {
                dns.answer(DnsType.A, "2.0.0.127." + words[1], "127.0.0.2")
                        .answer(DnsType.A, V6_TEST + words[1], "127.0.0.2")
                        .answer(DnsType.A, "test." + words[1], "127.0.1.2");
            }
        }
        return run(dns, directives);
    }

    private static void come(FakeClient client) {
        assertEquals("proceed", client.connect());
    }

    private static String rcpt(FakeDaemon daemon, String address) {
        FakeClient client = daemon.client(address);
        come(client);
        client.ehlo("client.example");
        client.mail("a@sender.example");
        return client.rcpt("c@d.example");
    }

    @Test
    void listedIsRejectedWithTheWordsOfTheList() throws Exception {
        try (FakeDaemon daemon = runGood("list bl.example")) {
            daemon.dns()
                    .answer(DnsType.A, "7.2.0.192.bl.example", "127.0.0.4")
                    .answer(
                            DnsType.TXT,
                            "7.2.0.192.bl.example",
                            "see http://bl.example/\\001\\255");
            assertEquals(
                    "reject|550 5.7.1 [192.0.2.7] is listed by bl.example (score 1):"
                            + " see http://bl.example/??",
                    rcpt(daemon, "192.0.2.7"));
            assertEquals("proceed", rcpt(daemon, "192.0.2.8"));
            assertEquals(1, daemon.awaitReports(1).size());
            assertTrue(daemon.reports().getFirst().endsWith("|dnsbl score=1 bl.example=127.0.0.4"));
        }
    }

    @Test
    void aLongTextIsCut() throws Exception {
        try (FakeDaemon daemon = runGood("list bl.example")) {
            daemon.dns()
                    .answer(DnsType.A, "7.2.0.192.bl.example", "127.0.0.4")
                    .answer(DnsType.TXT, "7.2.0.192.bl.example", "x".repeat(5000));
            String answer = rcpt(daemon, "192.0.2.7");
            assertTrue(answer.endsWith("xxx..."), answer);
            assertTrue(answer.length() < 300, answer);
        }
    }

    @Test
    void scoresAddUpAndGoodNamesWeighAgainstThem() throws Exception {
        try (FakeDaemon daemon =
                runGood(
                        "list one.example score 3",
                        "list two.example score 4",
                        "allow good.example score 5",
                        "reject 6",
                        "junk 3")) {
            FakeDns dns = daemon.dns();
            dns.answer(DnsType.A, "1.2.0.192.one.example", "127.0.0.2");
            dns.answer(DnsType.A, "2.2.0.192.one.example", "127.0.0.2");
            dns.answer(DnsType.A, "2.2.0.192.two.example", "127.0.0.2");
            dns.answer(DnsType.A, "3.2.0.192.one.example", "127.0.0.2");
            dns.answer(DnsType.A, "3.2.0.192.two.example", "127.0.0.2");
            dns.answer(DnsType.A, "3.2.0.192.good.example", "127.0.5.2");
            assertEquals("junk", rcpt(daemon, "192.0.2.1"));
            assertEquals(
                    "reject|550 5.7.1 [192.0.2.2] is listed by two.example (score 7)",
                    rcpt(daemon, "192.0.2.2"));
            assertEquals("proceed", rcpt(daemon, "192.0.2.3"));
        }
    }

    @Test
    void oneListCanSayThings() throws Exception {
        try (FakeDaemon daemon =
                runGood(
                        "list bl.example score 2 codes 127.0.0.2-3",
                        "list bl.example score 7 codes 127.0.0.&8,127.0.1.*",
                        "reject 7")) {
            daemon.dns()
                    .answer(DnsType.A, "1.2.0.192.bl.example", "127.0.0.2")
                    .answer(DnsType.A, "2.2.0.192.bl.example", "127.0.0.3", "127.0.0.12")
                    .answer(DnsType.A, "3.2.0.192.bl.example", "127.0.0.255");
            assertEquals("proceed", rcpt(daemon, "192.0.2.1"));
            assertTrue(rcpt(daemon, "192.0.2.2").contains("(score 9)"));
            long asked =
                    daemon.dns().asked().stream().filter("A 1.2.0.192.bl.example"::equals).count();
            assertEquals(1, asked, "one question for both lines");
        }
    }

    @Test
    void namesAreAskedAbout() throws Exception {
        try (FakeDaemon daemon = runGood("domains dbl.example score 2", "reject 6")) {
            daemon.dns()
                    .answer(DnsType.A, "bad.example.dbl.example", "127.0.1.2")
                    .answer(DnsType.A, "host.bad.example.dbl.example", "127.0.1.2");
            FakeClient client = daemon.client("192.0.2.1", "host.bad.example");
            come(client);
            client.ehlo("host.BAD.example.");
            client.mail("x@bad.example");
            assertEquals(
                    "reject|550 5.7.1 host.bad.example is listed by dbl.example (score 6)",
                    client.rcpt("c@d.example"));
            client.rset();
            client.mail("x@fine.example");
            assertEquals("proceed", client.rcpt("c@d.example"), "the sender was another's");
            client.rset();
            client.ehlo("[192.0.2.1]");
            client.mail("");
            assertEquals("proceed", client.rcpt("c@d.example"));
            assertFalse(daemon.dns().asked().contains("A [192.0.2.1].dbl.example"));
        }
    }

    @Test
    void ipv6IsAskedByNibbles() throws Exception {
        String name = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example";
        try (FakeDaemon daemon = runGood("list bl.example")) {
            daemon.dns().answer(DnsType.A, name, "127.0.0.2");
            assertEquals(
                    "reject|550 5.7.1 [2001:db8:0:0:0:0:0:1] is listed by bl.example (score 1)",
                    rcpt(daemon, "2001:db8::1"));
        }
    }

    @Test
    void whoIsKnownIsNotAskedAbout() throws Exception {
        try (FakeDaemon daemon = runGood("list bl.example", "exempt 192.0.2.128/25")) {
            daemon.dns()
                    .answer(DnsType.A, "1.0.0.10.bl.example", "127.0.0.2")
                    .answer(DnsType.A, "129.2.0.192.bl.example", "127.0.0.2")
                    .answer(DnsType.A, "7.2.0.192.bl.example", "127.0.0.2");
            assertEquals("proceed", rcpt(daemon, "10.0.0.1"));
            assertEquals("proceed", rcpt(daemon, "local"));
            assertEquals("proceed", rcpt(daemon, "192.0.2.129"));
            assertFalse(daemon.dns().asked().contains("A 129.2.0.192.bl.example"));
            FakeClient alice = daemon.client("192.0.2.7");
            come(alice);
            alice.auth("alice");
            alice.mail("a@b.example");
            assertEquals("proceed", alice.rcpt("c@d.example"));
        }
    }

    @Test
    void aDnsFailureNeverRejects() throws Exception {
        try (FakeDaemon daemon = runGood("list bl.example", "list other.example")) {
            daemon.dns().fail(DnsType.A, "7.2.0.192.bl.example");
            assertEquals("proceed", rcpt(daemon, "192.0.2.7"));
            daemon.dns().answer(DnsType.A, "7.2.0.192.bl.example", "127.0.0.2");
            assertTrue(rcpt(daemon, "192.0.2.7").startsWith("reject|"), "and is not remembered");
        }
    }

    @Test
    void whatIsKnownIsNotAskedAgainForAWhile() throws Exception {
        try (FakeDaemon daemon = runGood("list bl.example", "cache 2 600")) {
            rcpt(daemon, "192.0.2.7");
            rcpt(daemon, "192.0.2.7");
            assertEquals(1, asked(daemon, "7.2.0.192.bl.example"));
            daemon.pass(Duration.ofMinutes(11));
            rcpt(daemon, "192.0.2.7");
            assertEquals(2, asked(daemon, "7.2.0.192.bl.example"), "it has aged");
            rcpt(daemon, "192.0.2.8");
            rcpt(daemon, "192.0.2.9");
            rcpt(daemon, "192.0.2.7");
            assertEquals(3, asked(daemon, "7.2.0.192.bl.example"), "there was no room");
        }
    }

    private static long asked(FakeDaemon daemon, String name) {
        return daemon.dns().asked().stream().filter(("A " + name)::equals).count();
    }

    @Test
    void aListThatListsEverythingIsSwitchedOffUntilItIsInOrder() throws Exception {
        FakeDns dns =
                new FakeDns()
                        .answer(DnsType.A, "1.0.0.127.dead.example", "127.0.0.2")
                        .answer(DnsType.A, "2.0.0.127.dead.example", "127.0.0.2")
                        .answer(DnsType.A, "7.2.0.192.dead.example", "127.0.0.2");
        FakeDaemon daemon = run(dns, "list dead.example");
        assertEquals("proceed", rcpt(daemon, "192.0.2.7"));
        assertEquals(0, asked(daemon, "7.2.0.192.dead.example"));
        dns.forget(DnsType.A, "1.0.0.127.dead.example");
        daemon.pass(Zone.TESTED.multipliedBy(2));
        rcpt(daemon, "192.0.2.7");
        dns.awaitAsked(DnsType.A, V6_TEST + "dead.example", 2);
        String answer = rcpt(daemon, "192.0.2.7");
        long end = System.nanoTime() + FakeDaemon.PATIENCE.toNanos();
        while (answer.equals("proceed") && System.nanoTime() - end < 0) {
            answer = rcpt(daemon, "192.0.2.7");
        }
        assertTrue(answer.startsWith("reject|"), answer);
        daemon.end();
        assertEquals(
                """
                list dead.example is switched off: it lists what it must not
                list dead.example is in order again
                """,
                daemon.errors());
    }

    @Test
    void aListWithoutItsTestEntryIsSwitchedOff() throws Exception {
        FakeDaemon daemon = run("list dead.example", "domains dull.example");
        assertEquals("proceed", rcpt(daemon, "192.0.2.7"));
        daemon.end();
        for (String name : List.of("dead", "dull")) {
            assertTrue(
                    daemon.errors()
                            .contains(
                                    "list "
                                            + name
                                            + ".example is switched off: it does not have its"
                                            + " test entry\n"),
                    daemon.errors());
        }
    }

    @Test
    void aListWithoutIpv6IsNotAskedAboutIt() throws Exception {
        FakeDns dns = new FakeDns().answer(DnsType.A, "2.0.0.127.four.example", "127.0.0.2");
        try (FakeDaemon daemon = run(dns, "list four.example")) {
            assertEquals("proceed", rcpt(daemon, "2001:db8::1"));
            assertEquals(3, dns.asked().size(), dns.asked()::toString);
        }
    }

    @Test
    void aListThatAnswersWithAddressesIsSwitchedOff() throws Exception {
        try (FakeDaemon daemon = runGood("list sold.example", "list bl.example")) {
            daemon.dns()
                    .answer(DnsType.A, "7.2.0.192.sold.example", "203.0.113.80")
                    .answer(DnsType.A, "8.2.0.192.sold.example", "127.0.0.2")
                    .answer(DnsType.A, "9.2.0.192.bl.example", "127.0.0.2");
            assertEquals("proceed", rcpt(daemon, "192.0.2.7"));
            assertEquals("proceed", rcpt(daemon, "192.0.2.8"));
            assertTrue(rcpt(daemon, "192.0.2.9").startsWith("reject|"), "the other goes on");
            assertTrue(
                    daemon.errors()
                            .contains(
                                    "list sold.example is switched off: it answers"
                                            + " [203.0.113.80]"),
                    daemon.errors());
        }
    }

    @Test
    void aListThatRefusesToBeAskedSaysNothing() throws Exception {
        try (FakeDaemon daemon = runGood("list bl.example codes 127.*.*.*")) {
            daemon.dns().answer(DnsType.A, "7.2.0.192.bl.example", "127.255.255.254");
            assertEquals("proceed", rcpt(daemon, "192.0.2.7"));
            assertTrue(daemon.errors().contains("bl.example refuses to be asked"));
        }
    }

    @Test
    void aListThatCannotBeTestedIsNotAskedUntilItCan() throws Exception {
        FakeDns dns =
                new FakeDns()
                        .answer(DnsType.A, "2.0.0.127.slow.example", "127.0.0.2")
                        .fail(DnsType.A, "1.0.0.127.slow.example")
                        .answer(DnsType.A, "7.2.0.192.slow.example", "127.0.0.2")
                        .answer(DnsType.A, "8.2.0.192.bl.example", "127.0.0.2");
        try (FakeDaemon daemon = run(dns, "list bl.example untested", "list slow.example")) {
            assertEquals("proceed", rcpt(daemon, "192.0.2.7"));
            assertTrue(rcpt(daemon, "192.0.2.8").startsWith("reject|"), "untested is believed");
            assertTrue(daemon.errors().contains("list slow.example is not asked: "));
        }
    }

    @Test
    void whenTheClientComesItCanBeDecidedToo() throws Exception {
        try (FakeDaemon daemon = run("list bl.example untested", "decide connect")) {
            daemon.dns().answer(DnsType.A, "7.2.0.192.bl.example", "127.0.0.2");
            assertTrue(daemon.client("192.0.2.7").connect().startsWith("reject|550 5.7.1 "));
            assertEquals("proceed", daemon.client("192.0.2.8").connect());
        }
    }

    @Test
    void aFieldSaysWhatWasFound() throws Exception {
        try (FakeDaemon daemon =
                run("list a.example untested", "list b.example untested score 2", "header 1")) {
            daemon.dns()
                    .answer(DnsType.A, "7.2.0.192.a.example", "127.0.0.2", "127.0.0.3")
                    .answer(DnsType.A, "7.2.0.192.b.example", "127.0.0.9");
            FakeClient client = daemon.client("192.0.2.7");
            come(client);
            assertEquals(
                    List.of(
                            "X-DNSBL: score=3",
                            "\ta.example=127.0.0.2,127.0.0.3",
                            "\tb.example=127.0.0.9",
                            "Subject: hi",
                            " there",
                            "",
                            "X-DNSBL: in the body"),
                    client.send(
                            "a@b.example",
                            "c@d.example",
                            "x-dnsbl: score=0",
                            "\tforged",
                            "Subject: hi",
                            " there",
                            "",
                            "X-DNSBL: in the body"));
            FakeClient good = daemon.client("192.0.2.8");
            come(good);
            assertEquals(
                    List.of("Subject: x"), good.send("a@b.example", "c@d.example", "Subject: x"));
        }
    }

    @Test
    void aThousandSessionsWaitTogether() throws Exception {
        try (FakeDaemon daemon = run("list bl.example untested")) {
            daemon.dns().delay(Duration.ofMillis(200));
            List<CompletableFuture<String>> answers = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                FakeClient client = daemon.client("198.51." + i / 250 + "." + i % 250);
                client.connect();
                answers.add(client.asking(smtpd.filter.Phase.RCPT_TO, "a@b.example"));
            }
            for (CompletableFuture<String> each : answers) {
                assertEquals("proceed", each.get(60, TimeUnit.SECONDS));
            }
        }
    }
}
