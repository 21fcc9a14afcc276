package smtpd.lka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Location;
import smtpd.core.conf.PeerSecurity;
import smtpd.core.conf.Rule;
import smtpd.core.conf.SrsOptions;
import smtpd.core.conf.TableConf;
import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.LkaToMda;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MdaToLka;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.imsg.StsRecord;
import smtpd.core.imsg.TableService;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Dsn;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.EvpId;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.MsgId;
import smtpd.core.mail.Secret;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.core.slice.FilterSlice;
import smtpd.core.slice.LkaSlice;
import smtpd.core.stat.Statistics;
import smtpd.core.sys.Crypt;
import smtpd.lka.auth.Hashes;
import smtpd.lka.dns.DnsReply;
import smtpd.lka.dns.HostsFile;
import smtpd.lka.dns.MailDns;
import smtpd.lka.table.Answer;
import smtpd.lka.table.SystemUsers;
import smtpd.lka.table.proc.NoPrograms;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

class LookupDeskTest {
    private static final LkaSlice.ListenerTables LISTENERS =
            new LkaSlice.ListenerTables(
                    List.of("logins", ""), List.of("senders"), List.of("names"), List.of("lax"));

    private static final MsgId MSGID = new MsgId(0xabcd0001);
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    /// The queue: takes envelopes until it is told otherwise.
    private final List<List<Envelope>> added = new ArrayList<>();

    private int framesTaken = Integer.MAX_VALUE;
    private boolean queueDies;
    private boolean dnsWorks = true;
    private final SlowHashes hashes = new SlowHashes();
    private final LookupDesk desk = desk();

    /// Hashes are the passwords themselves; one takes until the test lets it end.
    private static final class SlowHashes implements Hashes {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch end = new CountDownLatch(1);

        @Override
        public Crypt.Fit check(String password, String stored) {
            if (stored.equals("slow")) {
                begun.countDown();
                try {
                    end.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return password.equals(stored) ? Crypt.Fit.YES : Crypt.Fit.NO;
        }

        @Override
        public String decoy() {
            return "decoy";
        }
    }

    private QueueToLka take(LkaToQueue.AddEnvelopes request) throws PeerLost {
        if (added.size() >= framesTaken) {
            if (queueDies) {
                throw new PeerLost(Role.QUEUE, "died");
            }
            return new QueueToLka.EnvelopesRefused("full");
        }
        added.add(request.envelopes());
        List<EvpId> ids = new ArrayList<>();
        for (int i = 0; i < request.envelopes().size(); i++) {
            ids.add(request.msgid().envelope(1000 * added.size() + i));
        }
        return new QueueToLka.EnvelopesAdded(ids);
    }

    private static SystemUsers.Found user(String name) {
        return switch (name) {
            case "bob", "vmail", "_smtpd" ->
                    new SystemUsers.Found(
                            LookupAnswer.FOUND, new UserRecord(name, 1000, 1000, "/home/" + name));
            case "slow" -> SystemUsers.Found.none(LookupAnswer.TEMPFAIL);
            case "poison" -> throw new IllegalStateException("an error of ours");
            default -> SystemUsers.Found.none(LookupAnswer.NOT_FOUND);
        };
    }

    private static LookupAnswer systemPassword(String user, String password) {
        if (user.equals("slow")) {
            return LookupAnswer.TEMPFAIL;
        }
        return user.equals("bob") && password.equals("pw")
                ? LookupAnswer.FOUND
                : LookupAnswer.NOT_FOUND;
    }

    private static Rule rule(String action, Rule.Kind from, Rule.Kind to, String table) {
        return new Rule(
                List.of(
                        new Rule.Criterion(from, false, false, ""),
                        new Rule.Criterion(to, false, false, table)),
                action,
                Location.NONE);
    }

    private static Dispatcher.Local local(String name, Dispatcher.Users users, Duration ttl) {
        return new Dispatcher.Local(name, new Dispatcher.Method.Mbox(), users, "", ttl);
    }

    private static Map<String, String> aliases() {
        String many =
                IntStream.range(0, 250)
                        .mapToObj(i -> "u" + i + "@far.example")
                        .collect(Collectors.joining(","));
        Map<String, String> aliases = new LinkedHashMap<>();
        aliases.put("many", many);
        return aliases;
    }

    private static List<TableConf> tables() {
        return List.of(
                new TableConf.StaticMap("aliases", aliases()),
                new TableConf.StaticList("relays", List.of("smtp://a", "smtp://b")),
                new TableConf.StaticMap("secrets", Map.of("label", "u:p")),
                new TableConf.StaticMap("logins", Map.of("alice", "pw", "carol", "slow")),
                new TableConf.StaticMap(
                        "senders",
                        Map.of(
                                "alice", "alice@example.org, @own.example",
                                "root", "@",
                                "bob", "bob")),
                new TableConf.StaticMap("names", Map.of("192.0.2.1", "one.example.org")),
                new TableConf.StaticMap("base", Map.of("dora", "7:8:/v")),
                new TableConf.DbTable("db", "/x.db"));
    }

    private static LkaSlice slice() {
        return new LkaSlice(
                "mx.example.org",
                List.of("localhost"),
                List.of("192.0.2.1"),
                List.of(),
                tables(),
                List.of(
                        rule("home", Rule.Kind.FROM_ANY, Rule.Kind.FOR_LOCAL, ""),
                        rule("out", Rule.Kind.FROM_LOCAL, Rule.Kind.FOR_ANY, "")),
                List.of(
                        local(
                                "home",
                                new Dispatcher.Users("aliases", "", "", ""),
                                Duration.ofDays(1)),
                        local("base", new Dispatcher.Users("", "", "base", ""), Duration.ZERO),
                        local("as", new Dispatcher.Users("", "", "base", "vmail"), Duration.ZERO),
                        new Dispatcher.Remote(
                                "out",
                                new Dispatcher.Target.Mx(),
                                Dispatcher.Identity.DEFAULT,
                                Dispatcher.RelayTls.DEFAULT,
                                "",
                                Duration.ZERO)),
                SrsOptions.DEFAULT,
                LISTENERS,
                "+",
                Duration.ofDays(4),
                PeerSecurity.DEFAULT.withDane(PeerSecurity.Dane.OFF),
                "",
                FilterSlice.NONE);
    }

    private LookupDesk desk() {
        return new LookupDesk(
                slice(),
                new LookupDesk.Sources(
                        this::take,
                        LookupDeskTest::user,
                        _ -> new ParentToChild.ForwardFile(LookupAnswer.NOT_FOUND, Bytes.EMPTY, ""),
                        _ -> Answer.NOT_FOUND,
                        NoPrograms.INSTANCE,
                        (user, password) -> systemPassword(user, password.text()),
                        hashes),
                new MailDns(
                        (name, type) ->
                                CompletableFuture.completedFuture(
                                        dnsWorks
                                                ? new DnsReply.NoName()
                                                : new DnsReply.Tempfail("down")),
                        HostsFile.parse("192.0.2.9 mail.example\n")),
                Statistics.NONE,
                () -> NOW);
    }

    private static RcptQuery query(String address, String rcpt) {
        return new RcptQuery(
                MSGID,
                new Envelope.Origin(
                        "tag", "mx.example.org", "c", "<unknown>", address, "", flags(false)),
                MailAddr.of("s@far.example"),
                MailAddr.of(rcpt),
                Dsn.NONE);
    }

    private static Envelope.OriginFlags flags(boolean internal) {
        return new Envelope.OriginFlags(false, internal, false);
    }

    private LkaToSmtp expand(String address, String rcpt) {
        return desk.smtp(new SmtpToLka.ExpandRcpt(query(address, rcpt)));
    }

    @Test
    void acceptedRecipientIsWithTheQueue() {
        assertEquals(
                new LkaToSmtp.Expanded(List.of(MSGID.envelope(1000))),
                expand("198.51.100.1", "Bob+x@localhost"));
        Envelope envelope = added.getFirst().getFirst();
        assertEquals(MSGID, envelope.msgid());
        assertEquals(new Envelope.Target.Mda("home", "bob", "", "x"), envelope.target());
        assertEquals(MailAddr.of("Bob+x@localhost"), envelope.rcpt());
        assertEquals(MailAddr.of("Bob+x@localhost"), envelope.dest());
        assertEquals(MailAddr.of("s@far.example"), envelope.sender());
        assertEquals(NOW, envelope.created());
        assertEquals(Duration.ofDays(1), envelope.ttl());
        assertEquals(Envelope.State.NEW, envelope.state());
        assertFalse(envelope.origin().flags().internal());
    }

    @Test
    void ttlOfTheQueueHoldsWhereTheActionHasNone() {
        expand("192.0.2.1", "x@far.example");
        assertEquals(Duration.ofDays(4), added.getFirst().getFirst().ttl());
        assertEquals(new Envelope.Target.Mta("out"), added.getFirst().getFirst().target());
    }

    @Test
    void manyEnvelopesGoInPieces() {
        LkaToSmtp.Expanded expanded =
                assertInstanceOf(
                        LkaToSmtp.Expanded.class, expand("198.51.100.1", "many@localhost"));
        assertEquals(250, expanded.envelopes().size());
        assertEquals(List.of(100, 100, 50), added.stream().map(List::size).toList());
        assertTrue(added.getFirst().getFirst().origin().flags().internal());
    }

    private LookupAnswer authenticate(String table, String user, String password) {
        LkaToSmtp answer = desk.smtp(new SmtpToLka.Authenticate(table, user, new Secret(password)));
        return assertInstanceOf(LkaToSmtp.Authenticated.class, answer).answer();
    }

    @Test
    void passwordsOfATableAndOfTheSystem() {
        assertEquals(LookupAnswer.FOUND, authenticate("logins", "alice", "pw"));
        assertEquals(LookupAnswer.NOT_FOUND, authenticate("logins", "alice", "no"));
        assertEquals(LookupAnswer.NOT_FOUND, authenticate("logins", "nobody", "pw"));
        assertEquals(LookupAnswer.FOUND, authenticate("", "bob", "pw"));
        assertEquals(LookupAnswer.NOT_FOUND, authenticate("", "bob", "no"));
        assertEquals(LookupAnswer.TEMPFAIL, authenticate("", "slow", "pw"));
    }

    private LookupAnswer permits(String table, String user, String sender) {
        LkaToSmtp answer = desk.smtp(new SmtpToLka.PermitSender(table, user, MailAddr.of(sender)));
        return assertInstanceOf(LkaToSmtp.SenderPermitted.class, answer).answer();
    }

    @Test
    void usersSendAsWhomTheirListNames() {
        assertEquals(LookupAnswer.FOUND, permits("senders", "alice", "Alice@Example.org"));
        assertEquals(LookupAnswer.FOUND, permits("senders", "alice", "alice+tag@example.org"));
        assertEquals(LookupAnswer.FOUND, permits("senders", "Alice", "any@own.example"));
        assertEquals(LookupAnswer.FOUND, permits("senders", "bob", "bob@anywhere.example"));
        assertEquals(LookupAnswer.FOUND, permits("senders", "root", "any@where.example"));
        assertEquals(LookupAnswer.NOT_FOUND, permits("senders", "alice", "bob@example.org"));
        assertEquals(LookupAnswer.NOT_FOUND, permits("senders", "nobody", "alice@example.org"));
    }

    @Test
    void theNullSenderIsForWhoMaySendAsAnybody() {
        assertEquals(LookupAnswer.NOT_FOUND, permits("senders", "alice", ""));
        assertEquals(LookupAnswer.FOUND, permits("senders", "root", ""));
    }

    @Test
    void senderTableThatNoListenerNamesIsNotAsked() {
        assertEquals(LookupAnswer.TEMPFAIL, permits("logins", "alice", "pw"));
    }

    @Test
    void namesOfAddressesOfOurs() {
        assertEquals(
                new LkaToSmtp.Hostname(LookupAnswer.FOUND, "one.example.org"),
                desk.smtp(new SmtpToLka.LookupHostname("names", "192.0.2.1")));
        assertEquals(
                new LkaToSmtp.Hostname(LookupAnswer.NOT_FOUND, ""),
                desk.smtp(new SmtpToLka.LookupHostname("names", "192.0.2.2")));
        assertEquals(
                new LkaToSmtp.Hostname(LookupAnswer.TEMPFAIL, ""),
                desk.smtp(new SmtpToLka.LookupHostname("logins", "alice")));
    }

    @Test
    void tableThatNoListenerNamesIsNotAsked() {
        assertEquals(LookupAnswer.TEMPFAIL, authenticate("secrets", "label", "p"));
    }

    @Test
    @DisplayName("F-78 a slow password check delays no other lookup")
    void slowPasswordDelaysNobody() throws InterruptedException {
        Workers workers = new Workers();
        List<LookupAnswer> slow = new CopyOnWriteArrayList<>();
        CountDownLatch answered = new CountDownLatch(1);
        workers.run(
                () -> {
                    slow.add(authenticate("logins", "carol", "slow"));
                    answered.countDown();
                },
                Assertions::fail);
        hashes.begun.await();
        // the check is under way and stays so until we let it end
        assertInstanceOf(LkaToSmtp.Expanded.class, expand("198.51.100.1", "bob@localhost"));
        assertEquals(
                new LkaToSmtp.ClientName("mail.example", Confirmed.PASS),
                desk.smtp(new SmtpToLka.LookupName("192.0.2.9")));
        assertEquals(LookupAnswer.FOUND, authenticate("logins", "alice", "pw"));
        assertEquals(LookupAnswer.FOUND, authenticate("", "bob", "pw"));
        assertEquals(List.of(), slow);
        hashes.end.countDown();
        answered.await();
        assertEquals(List.of(LookupAnswer.FOUND), slow);
    }

    @Test
    void refusedRecipientLeavesNothing() {
        assertEquals(
                new LkaToSmtp.Refused(550, "", "Invalid recipient"),
                expand("198.51.100.1", "x@far.example"));
        assertEquals(
                new LkaToSmtp.Refused(451, "", "Temporary failure"),
                expand("198.51.100.1", "slow@localhost"));
        assertEquals(List.of(), added);
    }

    @Test
    @DisplayName("F-72: a recipient that makes the expansion throw is not now, each time, alone")
    void recipientThatThrowsIsNotNow() {
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    new LkaToSmtp.Refused(451, "", "Temporary failure"),
                    expand("198.51.100.1", "poison@localhost"));
        }
        assertEquals(List.of(), added);
        assertInstanceOf(LkaToSmtp.Expanded.class, expand("198.51.100.1", "bob@localhost"));
        assertEquals(
                new LkaToQueue.ReportRefused(451, "Temporary failure"),
                desk.report(query("198.51.100.1", "poison@localhost")));
    }

    @Test
    void queueThatRefusesIsNotNow() {
        framesTaken = 0;
        assertEquals(
                new LkaToSmtp.Refused(451, "", "Temporary failure"),
                expand("198.51.100.1", "bob@localhost"));
    }

    @Test
    void halfAddedRecipientEndsTheSession() {
        framesTaken = 1;
        assertEquals(
                new LkaToSmtp.Refused(421, "4.3.0", "Temporary failure"),
                expand("198.51.100.1", "many@localhost"));
    }

    @Test
    void queueThatDiesEndsTheSession() {
        framesTaken = 0;
        queueDies = true;
        assertEquals(
                new LkaToSmtp.Refused(421, "4.3.0", "Temporary failure"),
                expand("198.51.100.1", "bob@localhost"));
    }

    @Test
    void reportsAreLocalWhateverTheirOrigin() {
        RcptQuery fromAfar = query("198.51.100.1", "x@far.example");
        RcptQuery internal =
                new RcptQuery(
                        MSGID,
                        new Envelope.Origin(
                                "",
                                "mx.example.org",
                                "",
                                "<unknown>",
                                "198.51.100.1",
                                "",
                                flags(true)),
                        MailAddr.NULL,
                        fromAfar.rcpt(),
                        Dsn.NONE);
        assertEquals(
                new LkaToQueue.ReportExpanded(List.of(MSGID.envelope(1000))),
                desk.report(internal));
        assertEquals(
                new LkaToQueue.ReportRefused(550, "Invalid recipient"),
                desk.report(query("198.51.100.1", "nobody@localhost")));
    }

    @Test
    @DisplayName("F-54 without DNS clients are unknown, recipients are still accepted")
    void withoutDns() {
        dnsWorks = false;
        assertEquals(
                new LkaToSmtp.ClientName("<unknown>", Confirmed.ERROR),
                desk.smtp(new SmtpToLka.LookupName("198.51.100.1")));
        assertEquals(
                new LkaToMta.MxResult(DnsAnswer.TEMPFAIL, List.of(), StsRecord.NOT_NOW),
                desk.mta(new MtaToLka.LookupMx("far.example")));
        assertInstanceOf(LkaToSmtp.Expanded.class, expand("198.51.100.1", "bob@localhost"));
    }

    @Test
    void namesAndAddresses() {
        assertEquals(
                new LkaToSmtp.ClientName("mail.example", Confirmed.PASS),
                desk.smtp(new SmtpToLka.LookupName("192.0.2.9")));
        assertEquals(
                new LkaToMta.NameResult("mail.example"),
                desk.mta(new MtaToLka.LookupName("192.0.2.9")));
        assertEquals(
                new LkaToMta.HostResult(DnsAnswer.FOUND, List.of("192.0.2.9")),
                desk.mta(new MtaToLka.LookupHost("mail.example")));
        assertEquals(
                new LkaToMta.MxResult(DnsAnswer.NO_DOMAIN, List.of()),
                desk.mta(new MtaToLka.LookupMx("far.example")));
    }

    private LkaToMta table(String name, TableService service, String key) {
        return desk.mta(new MtaToLka.LookupTable(name, service, key));
    }

    @Test
    void tablesOfTheMta() {
        assertEquals(
                new LkaToMta.TableResult(LookupAnswer.FOUND, "smtp://a"),
                table("relays", TableService.RELAYHOST, ""));
        assertEquals(
                new LkaToMta.TableResult(LookupAnswer.FOUND, "smtp://b"),
                table("relays", TableService.RELAYHOST, ""));
        assertEquals(
                new LkaToMta.TableResult(LookupAnswer.FOUND, "u:p"),
                table("secrets", TableService.CREDENTIALS, "label"));
        assertEquals(
                new LkaToMta.TableResult(LookupAnswer.NOT_FOUND, ""),
                table("secrets", TableService.CREDENTIALS, "other"));
        assertEquals(
                new LkaToMta.TableResult(LookupAnswer.TEMPFAIL, ""),
                table("db", TableService.CREDENTIALS, "label"));
    }

    private LkaToMda mda(String dispatcher, String user) {
        return desk.mda(new MdaToLka.LookupUser(dispatcher, user));
    }

    @Test
    void usersOfTheMda() {
        assertEquals(
                new LkaToMda.UserFound(new UserRecord("bob", 1000, 1000, "/home/bob")),
                mda("home", "bob"));
        assertEquals(
                new LkaToMda.UserFound(new UserRecord("dora", 7, 8, "/v")), mda("base", "dora"));
        assertEquals(
                new LkaToMda.UserFound(new UserRecord("vmail", 1000, 1000, "/home/vmail")),
                mda("as", "dora"));
        assertEquals(new LkaToMda.UserUnknown(), mda("home", "eve"));
        assertInstanceOf(LkaToMda.UserTempfail.class, mda("home", "slow"));
        assertInstanceOf(LkaToMda.UserTempfail.class, mda("gone", "bob"));
        assertInstanceOf(LkaToMda.UserTempfail.class, mda("out", "bob"));
    }

    @Test
    void daemonUserIsASystemUserUnderAnyUserbase() {
        assertEquals(
                new LkaToMda.UserFound(new UserRecord("_smtpd", 1000, 1000, "/home/_smtpd")),
                mda("base", "_smtpd"));
        assertEquals(new LkaToMda.UserUnknown(), mda("base", "bob"));
    }

    @Test
    @DisplayName("F-79 a table that cannot be read again stays as it was, and says why")
    void tablesAreUpdatedOrSayWhyNot() {
        assertEquals(new Done(true, "1 entries"), desk.update("secrets"));
        assertEquals(new Done(false, "/x.db: no such file"), desk.update("db"));
        assertEquals(new Done(false, "not configured"), desk.update("nothing"));
        assertEquals(List.of("table db: /x.db: no such file"), desk.troubles());
    }

    @Test
    @DisplayName("F-78 with no thread to spare every answer is not now")
    void notNow() {
        assertEquals(
                new LkaToSmtp.Refused(451, "", "Temporary failure"),
                LookupDesk.smtpNotNow(new SmtpToLka.ExpandRcpt(query("local", "a@b"))));
        assertEquals(
                new LkaToSmtp.ClientName("<unknown>", Confirmed.ERROR),
                LookupDesk.smtpNotNow(new SmtpToLka.LookupName("192.0.2.1")));
        assertEquals(
                new LkaToMta.MxResult(DnsAnswer.TEMPFAIL, List.of()),
                LookupDesk.mtaNotNow(new MtaToLka.LookupMx("a")));
        assertEquals(
                new LkaToMta.HostResult(DnsAnswer.TEMPFAIL, List.of()),
                LookupDesk.mtaNotNow(new MtaToLka.LookupHost("a")));
        assertEquals(
                new LkaToMta.TableResult(LookupAnswer.TEMPFAIL, ""),
                LookupDesk.mtaNotNow(new MtaToLka.LookupTable("a", TableService.SOURCE, "")));
        assertInstanceOf(LkaToMda.UserTempfail.class, LookupDesk.mdaNotNow());
        assertEquals(
                new LkaToQueue.ReportRefused(451, "Temporary failure"), LookupDesk.reportNotNow());
    }
}
