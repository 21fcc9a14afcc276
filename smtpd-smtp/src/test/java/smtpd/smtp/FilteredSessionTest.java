package smtpd.smtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Listener;
import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.FilterEvent;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.imsg.FilterSubject;
import smtpd.core.imsg.FilterVerdict;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.smtp.ByteSink;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Encryption;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Filters;
import smtpd.smtp.sasl.ChannelBindings;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Function;

/// What smtp tells filters, and that it tells nobody anything where there are none.
class FilteredSessionTest {
    private static final String BEGIN =
            """
            S+ 220
            C: EHLO client.example.net
            S+ 250
            """;

    private static final String ENVELOPE =
            """
            C: MAIL FROM:<a@client.example.net>
            S+ 250
            C: RCPT TO:<alice@example.org>
            S+ 250
            """;

    /// A message up to its end; the answer follows.
    private static final String CONTENT =
            """
            C: DATA
            S+ 354
            C: Subject: x
            C: .
            """;

    private static final String CHUNK =
            """
            C: BDAT 12 LAST
            C: Subject: x
            S+ 250
            """;

    private static final String QUIT =
            """
            C: QUIT
            S+ 221
            CLOSED
            """;

    private final House house = new House();
    private final List<String> told = Collections.synchronizedList(new ArrayList<>());
    private EnumSet<FilterPhase> phases = EnumSet.noneOf(FilterPhase.class);
    private EnumSet<FilterEvent> events = EnumSet.allOf(FilterEvent.class);
    private Function<SmtpToLka.FilterQuery, FilterVerdict> decide = _ -> FilterVerdict.PROCEED;

    /// lka, as far as filters go.
    private final FilterLink.Ways ways =
            new FilterLink.Ways() {
                @Override
                public void send(SmtpToLka.ToFilters message) {
                    if (message instanceof SmtpToLka.FilterReport it) {
                        told.add(
                                it.fields().isEmpty()
                                        ? it.event().word()
                                        : it.event().word() + "|" + String.join("|", it.fields()));
                    }
                }

                @Override
                public LkaToSmtp call(SmtpToLka.ToFilters question) {
                    return switch (question) {
                        case SmtpToLka.FilterBegin _ ->
                                new LkaToSmtp.FilterBegun(phases, events, FilterVerdict.PROCEED);
                        case SmtpToLka.FilterQuery it ->
                                new LkaToSmtp.FilterDecided(decide.apply(it));
                        case SmtpToLka.FilterReport _,
                                SmtpToLka.FilterBarrier _,
                                SmtpToLka.ContentBegin _,
                                SmtpToLka.ContentPart _,
                                SmtpToLka.ContentEnd _,
                                SmtpToLka.EditedCredit _ ->
                                new LkaToSmtp.FilterDecided(FilterVerdict.PROCEED);
                    };
                }
            };

    @BeforeEach
    void furnish() {
        house.client = Client.at("192.0.2.7");
        house.filters =
                facts ->
                        new SessionFilters(
                                facts.id(),
                                "all",
                                ways,
                                (session, result) -> {
                                    throw new IllegalStateException("nobody edits");
                                });
    }

    /// What was told behind the line of the log of the client that begins so, and up to the next
    /// command.
    private String after(String command) {
        int from = told.indexOf("protocol-client|" + command);
        assertTrue(from >= 0, told::toString);
        int to = from + 1;
        while (to < told.size() && !told.get(to).startsWith("protocol-client|")) {
            to++;
        }
        return String.join("\n", told.subList(from + 1, to)) + "\n";
    }

    /// A session with these parts between its greeting and its end.
    private void play(String... parts) throws Exception {
        house.play(BEGIN + String.join("", parts) + QUIT);
    }

    private void says(String... lines) throws Exception {
        StringBuilder dialogue = new StringBuilder();
        for (String line : lines) {
            String[] both = line.split(" => ", 2);
            dialogue.append("C: ").append(both[0]).append("\nS+ ").append(both[1]).append('\n');
        }
        play(dialogue.toString());
    }

    @Test
    void anAcceptedMessageIsToldAsTheRepliesAre() throws Exception {
        play(ENVELOPE, CONTENT, "S: 250 2.0.0 00001001 Message accepted for delivery\n");
        assertEquals(
                """
                protocol-server|250 2.0.0 Ok
                tx-begin|00001001
                tx-mail|00001001|ok|a@client.example.net
                """,
                after("MAIL FROM:<a@client.example.net>"));
        assertEquals(
                """
                tx-envelope|00001001|0000100100000001
                protocol-server|250 2.1.5 Destination address valid: Recipient ok
                tx-rcpt|00001001|ok|alice@example.org
                """,
                after("RCPT TO:<alice@example.org>"));
        assertEquals(
                """
                protocol-server|354 Enter mail, end with "." on a line by itself
                tx-data|00001001|ok
                """,
                after("DATA"));
        int size = house.queue.accepted.getFirst().length();
        assertEquals(
                """
                protocol-server|250 2.0.0 00001001 Message accepted for delivery
                tx-commit|00001001|%d
                tx-reset|00001001
                """
                        .formatted(size),
                after("."));
        assertEquals("link-disconnect", told.getLast());
    }

    @Test
    void aRefusedSenderIsTold() throws Exception {
        house.senders = "senders";
        house.client = house.client.authenticated("user");
        says(
                "MAIL FROM:<other@client.example.net> => 530",
                "MAIL FROM:<later@client.example.net> => 451",
                "MAIL FROM:<x@client.example.net> FOO=BAR => 555",
                "MAIL FROM:<x@@client.example.net> => 553",
                "MAIL FROM:<own@client.example.net> => 250",
                "MAIL FROM:<twice@client.example.net> => 503");
        assertTrue(
                after("MAIL FROM:<other@client.example.net>")
                        .endsWith("tx-mail|00000000|permfail|other@client.example.net\n"),
                told::toString);
        assertTrue(
                after("MAIL FROM:<later@client.example.net>")
                        .endsWith("tx-mail|00000000|tempfail|later@client.example.net\n"));
        assertTrue(
                after("MAIL FROM:<x@client.example.net> FOO=BAR")
                        .endsWith("tx-mail|00000000|permfail|x@client.example.net\n"));
        assertFalse(after("MAIL FROM:<x@@client.example.net>").contains("tx-mail"));
        assertTrue(
                after("MAIL FROM:<twice@client.example.net>")
                        .endsWith("tx-mail|00001001|permfail|twice@client.example.net\n"));
    }

    @Test
    void aRefusedRecipientIsTold() throws Exception {
        phases = EnumSet.of(FilterPhase.RCPT_TO);
        decide =
                query ->
                        query.value().startsWith("bob")
                                ? new FilterVerdict(FilterVerdict.Kind.REJECT, "550 5.7.1 no")
                                : FilterVerdict.PROCEED;
        says(
                "RCPT TO:<early@example.org> => 503",
                "MAIL FROM:<a@client.example.net> => 250",
                "RCPT TO:<nobody@example.org> => 550",
                "RCPT TO:<later@example.org> => 451",
                "RCPT TO:<bob@example.org> => 550",
                "RCPT TO:<a@@example.org> => 501",
                "DATA => 554");
        assertFalse(after("RCPT TO:<early@example.org>").contains("tx-"));
        assertTrue(
                after("RCPT TO:<nobody@example.org>")
                        .endsWith("tx-rcpt|00001001|permfail|nobody@example.org\n"),
                told::toString);
        assertTrue(
                after("RCPT TO:<later@example.org>")
                        .endsWith("tx-rcpt|00001001|tempfail|later@example.org\n"));
        assertTrue(
                after("RCPT TO:<bob@example.org>")
                        .endsWith("tx-rcpt|00001001|permfail|bob@example.org\n"));
        assertTrue(
                after("RCPT TO:<a@@example.org>")
                        .endsWith("tx-rcpt|00001001|permfail|a@@example.org\n"));
        assertFalse(after("DATA").contains("tx-data"));
    }

    @Test
    void refusedContentIsTold() throws Exception {
        phases = EnumSet.of(FilterPhase.DATA, FilterPhase.COMMIT);
        decide =
                query ->
                        switch (query.phase()) {
                            case DATA ->
                                    new FilterVerdict(FilterVerdict.Kind.REJECT, "450 4.7.1 later");
                            default -> FilterVerdict.PROCEED;
                        };
        says(
                "MAIL FROM:<a@client.example.net> => 250",
                "RCPT TO:<alice@example.org> => 250",
                "DATA => 450");
        assertEquals(
                """
                protocol-server|450 4.7.1 later
                tx-data|00001001|tempfail
                """,
                after("DATA"));
    }

    @Test
    void aMessageRefusedAtItsEndIsTold() throws Exception {
        phases = EnumSet.of(FilterPhase.COMMIT);
        decide = _ -> new FilterVerdict(FilterVerdict.Kind.REJECT, "550 5.7.1 spam");
        play(ENVELOPE, CONTENT, "S: 550 5.7.1 spam\n");
        assertEquals(
                """
                protocol-server|550 5.7.1 spam
                tx-data|00001001|permfail
                tx-rollback|00001001
                tx-reset|00001001
                """,
                after("."));
    }

    @Test
    void aQueueThatCannotIsTold() throws Exception {
        house.queue.mood = FakeQueue.Mood.COMMIT_FAILS;
        play(ENVELOPE, CONTENT, "S+ 451\n");
        assertTrue(
                after(".")
                        .endsWith(
                                """
                                tx-data|00001001|tempfail
                                tx-rollback|00001001
                                tx-reset|00001001
                                """),
                told::toString);
    }

    @Test
    void chunksAreTold() throws Exception {
        play(ENVELOPE, CHUNK);
        String heard = after("BDAT 12 LAST");
        assertTrue(
                heard.startsWith("protocol-server|250 2.0.0 00001001 Message accepted"),
                told::toString);
        assertTrue(heard.contains("tx-data|00001001|ok\ntx-commit|00001001|"), heard);
    }

    @Test
    void aTransactionThatIsGivenUpIsRolledBack() throws Exception {
        says("MAIL FROM:<a@client.example.net> => 250", "RSET => 250");
        assertEquals(
                """
                tx-rollback|00001001
                tx-reset|00001001
                protocol-server|250 2.0.0 Reset state
                """,
                after("RSET"));
    }

    @Test
    @DisplayName("F-85 filters hear that AUTH was said, and of what was said nothing")
    void secretsAreHidden() throws Exception {
        house.auth = Listener.AuthMode.OPTIONAL;
        house.encryption = new Encryption("TLSv1.3:X:256:NO", ChannelBindings.NONE);
        play("C: AUTH PLAIN AHVzZXIAcGVuY2ls\nS+ 235\n");
        assertEquals(
                """
                link-auth|pass|user
                protocol-server|235 2.0.0 Authentication succeeded
                """,
                after("AUTH PLAIN ********"));
    }

    /// Filters that are not there and may be asked nothing but that.
    private static final class Nobody implements Filters {
        @Override
        public boolean active() {
            return false;
        }

        @Override
        public Ruling begin(Facts facts, Confirmed confirmed) {
            return new Ruling.Proceed();
        }

        @Override
        public void report(FilterEvent event, String... fields) {
            throw new AssertionError("told " + event);
        }

        @Override
        public void afterReply(FilterEvent event, String... fields) {
            throw new AssertionError("told " + event);
        }

        @Override
        public void replied() {
            throw new AssertionError("told of a reply");
        }

        @Override
        public Ruling ask(FilterPhase phase, String value, FilterSubject subject) {
            throw new AssertionError("asked in " + phase);
        }

        @Override
        public boolean junk() {
            return false;
        }

        @Override
        public boolean edit() {
            return false;
        }

        @Override
        public Edit edit(ByteSink result) {
            throw new AssertionError("given a message");
        }
    }

    @Test
    @DisplayName("a listener without filters sends nothing about them and makes no field for them")
    void withoutFiltersNothingIsSaidOfThem() throws Exception {
        FilterLink link = new FilterLink();
        house.filters =
                facts -> {
                    assertEquals(Filters.NONE, link.of(facts));
                    return new Nobody();
                };
        play(
                """
                C: NOOP
                S+ 250
                C: MAIL FROM:<a@client.example.net> FOO=BAR
                S+ 555
                C: MAIL FROM:<a@client.example.net>
                S+ 250
                C: RCPT TO:<nobody@example.org>
                S+ 550
                C: RCPT TO:<alice@example.org>
                S+ 250
                C: RSET
                S+ 250
                """,
                ENVELOPE,
                CONTENT,
                "S+ 250\n",
                ENVELOPE,
                CHUNK);
        assertEquals(2, house.queue.accepted.size());
        assertEquals(List.of(), told);
    }
}
