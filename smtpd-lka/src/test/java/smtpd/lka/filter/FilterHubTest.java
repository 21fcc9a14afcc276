package smtpd.lka.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.FilterConf;
import smtpd.core.conf.FilterConf.Fail;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.imsg.FilterVerdict;
import smtpd.core.imsg.FilterVerdict.Kind;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.mail.SessionId;
import smtpd.lka.dns.DnsRecord;
import smtpd.lka.dns.DnsReply;
import smtpd.lka.table.Answer;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What the hub makes of what programs and sessions say.
class FilterHubTest {
    private static final String T = "1700000000.123456";
    private static final String S = Rig.ID.toString();

    @Test
    void handshakeIsThatOfTheProtocol() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = rig.starts("a", "report|smtp-in|*", "filter|smtp-in|connect");
        assertEquals(
                List.of(
                        "config|smtpd-version|7.8.0",
                        "config|protocol|0.7",
                        "config|smtp-session-timeout|300",
                        "config|subsystem|smtp-in",
                        "config|admd|admd.example",
                        "config|ready"),
                a.told);
        assertEquals(1, a.turns);
    }

    @Test
    void aProgramOfBothSubsystemsIsToldSo() {
        Rig rig = new Rig(List.of("a"), Rig.A);
        Rig.Run a = rig.starts("a");
        assertEquals(
                List.of("config|subsystem|smtp-in", "config|subsystem|smtp-out"),
                a.told.stream().filter(line -> line.startsWith("config|subsystem")).toList());
    }

    @Test
    void clientIsReportedThenAskedAbout() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = rig.starts("a", "report|smtp-in|link-connect", "filter|smtp-in|connect");
        long begin = rig.begin();
        assertEquals(
                List.of(
                        "report|0.7|%s|smtp-in|link-connect|%s|client.example|pass|192.0.2.1:4711|198.51.100.1:25"
                                .formatted(T, S),
                        "filter|0.7|%s|smtp-in|connect|%s|%s|client.example|192.0.2.1"
                                .formatted(T, S, a.token())),
                a.told.subList(6, 8));
        assertFalse(rig.answers.containsKey(begin), "it has not answered");
        a.decides("proceed");
        assertEquals(
                new LkaToSmtp.FilterBegun(
                        Set.of(FilterPhase.CONNECT),
                        Set.of(
                                FilterEvent.LINK_CONNECT,
                                FilterEvent.LINK_GREETING,
                                FilterEvent.LINK_IDENTIFY,
                                FilterEvent.LINK_TLS,
                                FilterEvent.LINK_AUTH,
                                FilterEvent.LINK_DISCONNECT,
                                FilterEvent.TX_BEGIN,
                                FilterEvent.TX_RESET),
                        FilterVerdict.PROCEED),
                rig.answers.get(begin));
    }

    @Test
    void sessionsWaitForAProgramThatIsNotReady() {
        Rig rig = new Rig(Rig.A);
        long begin = rig.begin();
        assertFalse(rig.answers.containsKey(begin));
        rig.starts("a");
        assertEquals(Kind.PROCEED, rig.kind(begin));
    }

    @Test
    void aProgramThatNeverGetsReadyIsEndedAndTheClientToldToComeBack() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = rig.starts("a");
        a.dies();
        rig.hub.ears(rig.hub.program("a")).started(a);
        long begin = rig.begin();
        rig.pass(Duration.ofSeconds(31));
        assertEquals("did not get ready in time", a.ended);
        assertEquals(
                new FilterVerdict(Kind.DISCONNECT, "421 4.3.0 Temporary failure"),
                rig.verdict(begin));
    }

    private static Rig.Run askedBy(Rig rig, String phase) {
        Rig.Run a = rig.starts("a", "filter|smtp-in|" + phase);
        rig.begin();
        return a;
    }

    @Test
    void everyDecisionIsWhatItSays() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = askedBy(rig, "mail-from");
        String[][] expected = {
            {"proceed", "PROCEED", ""},
            {"junk", "JUNK", ""},
            {"reject|550 5.7.1 no | never", "REJECT", "550 5.7.1 no | never"},
            {"reject|421 later", "DISCONNECT", "421 later"},
            {"reject|250 fine", "DISCONNECT", "421 Internal server error"},
            {"reject|no", "DISCONNECT", "421 Internal server error"},
            {"disconnect|451 later", "DISCONNECT", "451 later"},
            {"rewrite|<a@b.example> SIZE=3", "REWRITE", "<a@b.example> SIZE=3"},
            {"report|look", "PROCEED", ""},
        };
        for (String[] each : expected) {
            long query = rig.query(FilterPhase.MAIL_FROM, "x@y.example");
            a.decides(each[0]);
            assertEquals(
                    new FilterVerdict(Kind.valueOf(each[1]), each[2]), rig.verdict(query), each[0]);
        }
    }

    @Test
    void junkAtTheEndIsNoDecision() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = askedBy(rig, "commit");
        long query = rig.query(FilterPhase.COMMIT, "");
        a.decides("junk");
        assertEquals(Kind.PROCEED, rig.kind(query));
    }

    @Test
    void firstDecisionEndsTheChainAndReportsDoNot() {
        Rig rig = new Rig(Rig.A, Rig.B);
        Rig.Run a = rig.starts("a", "filter|smtp-in|helo", "report|smtp-in|filter-report");
        Rig.Run b = rig.starts("b", "filter|smtp-in|helo", "report|smtp-in|filter-response");
        rig.begin();
        long first = rig.query(FilterPhase.HELO, "one");
        a.decides("report|seen | it");
        assertTrue(a.last().endsWith("|filter-report|" + S + "|proc|a|seen | it"), a.last());
        assertTrue(b.last().contains("|helo|"), b.last());
        b.decides("reject|550 no");
        assertEquals(Kind.REJECT, rig.kind(first));
        assertTrue(b.last().endsWith("|filter-response|" + S + "|helo|reject|550 no"), b.last());
        long second = rig.query(FilterPhase.HELO, "two");
        int before = b.told.size();
        a.decides("junk");
        assertEquals(Kind.JUNK, rig.kind(second));
        assertEquals(before + 1, b.told.size(), "told of the response, and not asked");
    }

    @Test
    void unaskedReportIsPassedOn() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = rig.starts("a", "report|smtp-in|*");
        rig.begin();
        a.says("report|1.5|smtp-in|" + S + "|by itself");
        assertTrue(a.last().endsWith("|filter-report|" + S + "|proc|a|by itself"), a.last());
        assertEquals("", a.ended);
    }

    private static FilterConf.Builtin builtin(
            FilterConf.Phase phase, FilterConf.Test test, String table, FilterConf.Verb verb) {
        return new FilterConf.Builtin(
                "builtin",
                phase,
                new FilterConf.Condition(test, false, false, table),
                new FilterConf.Decision(verb, "550 builtin"));
    }

    @Test
    void builtinOfTheAuthPhaseIsAskedThere() {
        Rig rig =
                new Rig(
                        builtin(
                                FilterConf.Phase.AUTH,
                                FilterConf.Test.RDNS,
                                "",
                                FilterConf.Verb.REJECT));
        assertEquals(Kind.PROCEED, rig.kind(rig.begin()));
        assertEquals(Kind.REJECT, rig.kind(rig.query(FilterPhase.AUTH, "PLAIN")));
    }

    @Test
    void tableThatCannotAnswerIsNotNow() {
        Rig rig =
                new Rig(
                        builtin(
                                FilterConf.Phase.MAIL_FROM,
                                FilterConf.Test.MAIL_FROM,
                                "t",
                                FilterConf.Verb.REJECT));
        rig.begin();
        assertEquals(Kind.PROCEED, rig.kind(rig.query(FilterPhase.MAIL_FROM, "x@y.example")));
        rig.tableSays = new Answer.Found("x");
        assertEquals(
                new FilterVerdict(Kind.REJECT, "550 builtin"),
                rig.verdict(rig.query(FilterPhase.MAIL_FROM, "x@y.example")));
        rig.tableSays = new Answer.Tempfail("broken");
        assertEquals(
                new FilterVerdict(Kind.REJECT, "451 4.3.0 Temporary failure"),
                rig.verdict(rig.query(FilterPhase.MAIL_FROM, "x@y.example")));
    }

    @Test
    void bypassSkipsTheRestOfTheChain() {
        Rig rig =
                new Rig(
                        builtin(
                                FilterConf.Phase.HELO,
                                FilterConf.Test.RDNS,
                                "",
                                FilterConf.Verb.BYPASS),
                        Rig.A);
        Rig.Run a = rig.starts("a", "filter|smtp-in|helo");
        rig.begin();
        int before = a.told.size();
        assertEquals(Kind.PROCEED, rig.kind(rig.query(FilterPhase.HELO, "one")));
        assertEquals(before, a.told.size());
    }

    @Test
    @DisplayName("F-76 a filter that does not answer in time: its policy, and only a dead one ends")
    void deadline() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = askedBy(rig, "helo");
        long query = rig.query(FilterPhase.HELO, "one");
        String token = a.token();
        rig.pass(Duration.ofSeconds(1));
        a.says("report|1.5|smtp-in|" + S + "|alive");
        rig.pass(Duration.ofSeconds(10));
        assertEquals(
                new FilterVerdict(Kind.REJECT, "451 4.3.0 Temporary failure"), rig.verdict(query));
        assertEquals("", a.ended);
        a.says("filter-result|" + S + "|" + token + "|proceed");
        assertEquals("", a.ended, "an answer that comes late does no harm");
        rig.query(FilterPhase.HELO, "two");
        rig.pass(Duration.ofSeconds(11));
        assertEquals("hangs", a.ended);
    }

    @Test
    @DisplayName("F-76 a filter that exits: tempfail, or bypass where that is configured")
    void exit() {
        for (Fail fail : Fail.values()) {
            Rig rig = new Rig(Rig.program("a", fail));
            Rig.Run a = askedBy(rig, "helo");
            long query = rig.query(FilterPhase.HELO, "one");
            a.dies();
            assertEquals(fail == Fail.BYPASS ? Kind.PROCEED : Kind.REJECT, rig.kind(query));
            long quit = rig.query(FilterPhase.QUIT, "");
            assertEquals(Kind.PROCEED, rig.kind(quit), "what ends a session is never refused");
        }
    }

    @Test
    @DisplayName("F-76 the session of a filter that was started again goes on")
    void sessionIsIntroducedToTheNextRun() {
        Rig rig = new Rig(Rig.A);
        Rig.Run first = rig.starts("a", "filter|smtp-in|mail-from", "report|smtp-in|*");
        rig.begin();
        rig.report(FilterEvent.LINK_IDENTIFY, "EHLO", "helo.example");
        rig.report(FilterEvent.TX_BEGIN, "00000001");
        first.dies();
        Rig.Run second = rig.starts("a", "filter|smtp-in|mail-from", "report|smtp-in|*");
        assertEquals(Kind.REJECT, rig.kind(rig.query(FilterPhase.MAIL_FROM, "x@y.example")));
        rig.report(FilterEvent.TX_RESET, "00000001");
        long query = rig.query(FilterPhase.MAIL_FROM, "x@y.example");
        List<String> told =
                second.told.stream().skip(6).map(line -> line.split("\\|", -1)[4]).toList();
        assertEquals(List.of("link-connect", "link-identify", "mail-from"), told);
        second.decides("proceed");
        assertEquals(Kind.PROCEED, rig.kind(query));
    }

    @Test
    @DisplayName("F-76 a filter that answers wrong, twice, or for others: ignored")
    void liesAreIgnored() {
        Rig rig = new Rig(Rig.A, Rig.B);
        Rig.Run a = rig.starts("a", "filter|smtp-in|helo");
        Rig.Run b = rig.starts("b");
        rig.begin();
        long query = rig.query(FilterPhase.HELO, "one");
        String token = a.token();
        a.says(
                "filter-result|0000000000000001|" + token + "|reject|550 no",
                "filter-result|" + S + "|00000000000000ff|reject|550 no",
                "filter-dataline|" + S + "|" + token + "|line");
        b.says("filter-result|" + S + "|" + token + "|reject|550 no");
        assertFalse(rig.answers.containsKey(query));
        a.decides("proceed");
        a.says("filter-result|" + S + "|" + token + "|reject|550 no");
        assertEquals(Kind.PROCEED, rig.kind(query));
        assertEquals("", a.ended + b.ended);
    }

    @Test
    @DisplayName("F-76 a filter that says what is no line of the protocol is ended")
    void garbageEndsIt() {
        for (String line :
                List.of(
                        "",
                        "hello",
                        "filter-result",
                        "filter-result|xyz|1|proceed",
                        "filter-result|" + S + "|0000000000000100|perhaps",
                        "filter-result|" + S + "|0000000000000100|reject",
                        "register|report|smtp-in|no-such-event",
                        "register|filter|smtp-out|helo",
                        "dns-query|s|t|A|example.org",
                        "report|x")) {
            Rig rig = new Rig(Rig.A);
            Rig.Run a = rig.starts("a");
            a.says(line);
            assertTrue(a.ended.startsWith("said what it must not"), line);
        }
    }

    @Test
    @DisplayName("F-76 a filter that floods us with answers to nothing is ended")
    void floodEndsIt() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = rig.starts("a");
        String[] lines = new String[FilterProgram.USELESS_MAX + 1];
        java.util.Arrays.fill(lines, "filter-result|" + S + "|0000000000000001|proceed");
        a.says(lines);
        assertFalse(a.ended.isEmpty());
    }

    @Test
    @DisplayName("F-84 what clients and filters say cannot become a line of its own")
    void nothingEndsALineButWe() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = rig.starts("a", "report|smtp-in|*", "filter|smtp-in|helo");
        rig.begin();
        rig.report(FilterEvent.LINK_IDENTIFY, "EH|LO", "x\nreport|y\r\0|z");
        assertTrue(a.last().endsWith("|link-identify|" + S + "|EH?LO|x?report|y??|z"), a.last());
        rig.query(FilterPhase.HELO, "a\nb");
        assertTrue(a.last().endsWith("|a?b"), a.last());
    }

    private static void beginContent(Rig rig, long number) {
        rig.hub.smtp(0, new SmtpToLka.ContentBegin(Rig.ID, number));
    }

    private static String dataline(Rig.Run run, String line) {
        return "filter-dataline|" + S + "|" + run.token() + "|" + line;
    }

    @Test
    void messageGoesThroughAllThatEditIt() {
        Rig rig = new Rig(Rig.A, Rig.B);
        Rig.Run a = rig.starts("a", "filter|smtp-in|data-line");
        Rig.Run b = rig.starts("b", "filter|smtp-in|data-line");
        rig.begin();
        beginContent(rig, 1);
        rig.content(1, "Subject: x\r\n\r\n.dot\r\nha");
        rig.content(1, "lf\r\n");
        rig.hub.smtp(0, new SmtpToLka.ContentEnd(1, true));
        assertEquals(List.of("Subject: x", "", "..dot", "half", "."), a.content());
        a.says(dataline(a, "X: y"), dataline(a, "..dot"), dataline(a, "."));
        assertEquals(List.of("X: y", "..dot", "."), b.content());
        b.says(dataline(b, "X: y|z"), dataline(b, "..dot"), dataline(b, "caf\u00c3\u00a9\r"));
        assertEquals("X: y|z\r\n.dot\r\ncafé\r\n", rig.edited());
        b.says(dataline(b, "."));
        assertEquals(new LkaToSmtp.EditedEnd(1, true), rig.sent.getLast());
    }

    @Test
    @DisplayName("F-77 an edit that stops half-way is of no use")
    void halfAnEdit() {
        Rig rig = new Rig(Rig.program("a", Fail.BYPASS));
        Rig.Run a = rig.starts("a", "filter|smtp-in|data-line");
        rig.begin();
        beginContent(rig, 1);
        rig.content(1, "one\r\n");
        a.says(dataline(a, "one"));
        a.dies();
        assertEquals(new LkaToSmtp.EditedEnd(1, false), rig.sent.getLast());

        a = rig.starts("a", "filter|smtp-in|data-line");
        rig.report(FilterEvent.TX_RESET, "00000001");
        beginContent(rig, 2);
        rig.content(2, "one\r\ntwo\r\n");
        a.says(dataline(a, "."));
        assertEquals(new LkaToSmtp.EditedEnd(2, false), rig.sent.getLast(), "ended too early");

        beginContent(rig, 3);
        rig.content(3, "one\r\n");
        a.says(dataline(a, "a\rb"));
        assertEquals(new LkaToSmtp.EditedEnd(3, false), rig.sent.getLast(), "a bare CR");

        beginContent(rig, 4);
        rig.content(4, "one\r\n");
        rig.hub.smtp(0, new SmtpToLka.ContentEnd(4, true));
        rig.pass(Duration.ofSeconds(11));
        assertEquals(new LkaToSmtp.EditedEnd(4, false), rig.sent.getLast(), "never ended");
        assertEquals("hangs", a.ended);
    }

    @Test
    @DisplayName(
            "F-76 a filter that reads slowly holds the client back; one that does not is ended")
    void contentWaitsForAProgramThatDoesNotRead() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = rig.starts("a", "filter|smtp-in|data-line");
        rig.begin();
        beginContent(rig, 1);
        a.unread = FilterProgram.HIGH;
        rig.content(1, "one\r\n");
        assertEquals(List.of(), rig.sent, "nothing is given back");
        long barrier = rig.barrier();
        assertFalse(rig.answers.containsKey(barrier));
        a.reads();
        assertEquals(List.of(new LkaToSmtp.ContentCredit(1, 5)), rig.sent);
        assertEquals(Kind.PROCEED, rig.kind(barrier));
        a.unread = 1;
        rig.pass(Duration.ofSeconds(1));
        assertEquals("does not read", a.ended);
    }

    @Test
    void aProgramIsNotHeardWhileWhatItSaysHasNoRoom() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = rig.starts("a", "filter|smtp-in|data-line");
        rig.begin();
        beginContent(rig, 1);
        rig.content(1, "one\r\n");
        String line = dataline(a, "x".repeat(100_000));
        int before = a.turns;
        a.says(line, line, line, line);
        assertEquals(before, a.turns, "it has to wait");
        int come = rig.edited().length();
        assertEquals(SmtpToLka.EDITED_WINDOW, come);
        for (int i = 0; i < 4; i++) {
            rig.hub.smtp(0, new SmtpToLka.EditedCredit(1, SmtpToLka.EDITED_WINDOW));
        }
        assertEquals(before + 1, a.turns);
    }

    @Test
    void whatIsNotWantedIsReadToItsEnd() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = rig.starts("a", "filter|smtp-in|data-line");
        rig.begin();
        beginContent(rig, 1);
        rig.content(1, "one\r\n");
        rig.hub.smtp(0, new SmtpToLka.ContentEnd(1, false));
        assertEquals(List.of("one", "."), a.content());
        a.says(dataline(a, "one"), dataline(a, "."));
        assertEquals(List.of(new LkaToSmtp.ContentCredit(1, 5)), rig.sent);
    }

    @Test
    void namesAreLookedUpWithoutWaiting() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = rig.starts("a", "dns|smtp-in");
        a.says("dns-query|s1|t1|A|one.example.", "dns-query|s2|t2|PTR|192.0.2.1");
        a.says("dns-query|s3|t3|SRV|x", "dns-query|s4|t4|TXT|two.example");
        assertEquals("dns-result|s3|t3|end|invalid", a.last());
        rig.asked("TXT two.example")
                .complete(new DnsReply.Records(List.of(new DnsRecord.Text("a|b\\\n\u00e9"))));
        rig.asked("PTR 1.2.0.192.in-addr.arpa").complete(new DnsReply.Tempfail("no"));
        rig.asked("A one.example")
                .complete(
                        new DnsReply.Records(
                                List.of(
                                        new DnsRecord.Address("192.0.2.7"),
                                        new DnsRecord.Address("192.0.2.8"))));
        assertEquals(
                List.of(
                        "dns-result|s4|t4|TXT|a|b\\\\\\010\\233",
                        "dns-result|s4|t4|end|ok",
                        "dns-result|s2|t2|end|tempfail",
                        "dns-result|s1|t1|A|192.0.2.7",
                        "dns-result|s1|t1|A|192.0.2.8",
                        "dns-result|s1|t1|end|ok"),
                a.told.subList(a.told.size() - 6, a.told.size()));
    }

    @Test
    void answersForARunThatIsOverAreDropped() {
        Rig rig = new Rig(Rig.A);
        Rig.Run first = rig.starts("a", "dns|smtp-in");
        first.says("dns-query|s1|t1|MX|one.example");
        first.dies();
        Rig.Run second = rig.starts("a", "dns|smtp-in");
        int before = second.told.size();
        rig.asked("MX one.example").complete(new DnsReply.NoName());
        assertEquals(before, second.told.size());
    }

    @Test
    void sessionsWithServersAreOnlyReported() {
        Rig rig = new Rig(List.of("all"), Rig.A);
        Rig.Run a = rig.starts("a", "report|smtp-out|link-connect", "report|smtp-in|*");
        rig.hub.mta(1, new MtaToLka.FilterBegin(Rig.start(smtpd.core.imsg.Confirmed.PASS)));
        assertTrue(a.last().contains("|smtp-out|link-connect|" + S), a.last());
        int before = a.told.size();
        rig.hub.mta(
                0,
                new MtaToLka.FilterReport(
                        new SessionId(0xabc), FilterEvent.TX_BEGIN, List.of("00000001")));
        assertEquals(before, a.told.size());
    }

    @Test
    void aSessionWithAServerWaitsForNoProgram() {
        Rig rig = new Rig(List.of("all"), Rig.A);
        rig.hub.mta(1, new MtaToLka.FilterBegin(Rig.start(smtpd.core.imsg.Confirmed.PASS)));
        LkaToMta.FilterBegun begun = (LkaToMta.FilterBegun) rig.toMta.getLast();
        assertEquals(EnumSet.allOf(FilterEvent.class), begun.events());
        rig.hub.mta(
                0,
                new MtaToLka.FilterReport(
                        Rig.ID, FilterEvent.LINK_IDENTIFY, List.of("EHLO", "mx.example")));
        Rig.Run a = rig.starts("a", "report|smtp-out|*");
        rig.hub.mta(
                0,
                new MtaToLka.FilterReport(
                        Rig.ID, FilterEvent.PROTOCOL_SERVER, List.of("250 hello")));
        List<String> reports = a.told.stream().filter(it -> it.startsWith("report|")).toList();
        assertEquals(3, reports.size(), reports.toString());
        assertTrue(reports.get(0).contains("|smtp-out|link-connect|" + S), reports.toString());
        assertTrue(reports.get(1).contains("|link-identify|" + S + "|EHLO|mx.example"));
        assertTrue(reports.get(2).endsWith("|protocol-server|" + S + "|250 hello"));
    }

    @Test
    void nothingIsSaidOfAServerThatNoProgramWantsToHearOf() {
        Rig rig = new Rig(List.of("all"), Rig.A);
        Rig.Run a = rig.starts("a", "report|smtp-in|*");
        int before = a.told.size();
        rig.hub.mta(1, new MtaToLka.FilterBegin(Rig.start(smtpd.core.imsg.Confirmed.PASS)));
        assertEquals(
                new LkaToMta.FilterBegun(EnumSet.noneOf(FilterEvent.class)), rig.toMta.getLast());
        assertEquals(before, a.told.size());
    }

    @Test
    void sessionsOfASmtpThatDiedAreOver() {
        Rig rig = new Rig(Rig.A);
        Rig.Run a = rig.starts("a", "report|smtp-in|*");
        rig.begin();
        rig.hub.smtpLost();
        assertTrue(a.last().endsWith("|link-disconnect|" + S), a.last());
        assertEquals(Kind.DISCONNECT, rig.kind(rig.query(FilterPhase.HELO, "late")));
    }
}
