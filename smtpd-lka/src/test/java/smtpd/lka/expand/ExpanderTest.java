package smtpd.lka.expand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Dispatcher;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.mail.Bytes;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

class ExpanderTest {
    private static final String INVALID = "550 Invalid recipient";
    private static final String NOT_NOW = "451 Temporary failure";
    private static final String LIST = "524 5.2.4 Mailing list expansion problem";
    private static final String LIST_NOW = "424 4.2.4 Mailing list expansion problem";
    private static final String LOOP = "554 5.4.6 Loop detected";

    /// `home.example` is delivered here with aliases, everything else is relayed for ourselves.
    private static World aliases(String... pairs) {
        return new World()
                .map("aliases", pairs)
                .local("home", new Dispatcher.Users("aliases", "", "", ""))
                .relay("out")
                .rule("home", "home.example")
                .fromLocal("out");
    }

    private static World virtual(String... pairs) {
        return new World()
                .map("virtual", pairs)
                .local("virt", new Dispatcher.Users("", "virtual", "", ""))
                .relay("out")
                .rule("virt", "v.example")
                .fromLocal("out");
    }

    private static World method(Dispatcher.Method method) {
        return new World()
                .map("aliases", "list", "bob", "away", "x@far.example", "cmd", "|cat")
                .action(
                        new Dispatcher.Local(
                                "home",
                                method,
                                new Dispatcher.Users("aliases", "", "", ""),
                                "",
                                Duration.ZERO))
                .relay("out")
                .rule("home", "home.example")
                .fromLocal("out");
    }

    @Test
    void userWithoutAliasIsDelivered() {
        assertEquals("home:bob <Bob@home.example>", aliases().line("Bob@home.example"));
    }

    @Test
    @DisplayName("F-88: a user who does not exist is refused at RCPT, not reported later")
    void unknownUserIsInvalid() {
        assertEquals(INVALID, aliases().line("nobody@home.example"));
    }

    @Test
    @DisplayName("F-88: a recipient that no rule takes is refused at RCPT")
    void noRuleIsInvalid() {
        assertEquals(INVALID, aliases().line("bob@elsewhere.example"));
    }

    @Test
    void rejectingRuleIsInvalid() {
        assertEquals(INVALID, new World().rule("", "home.example").line("bob@home.example"));
    }

    @Test
    void relayActionNeedsNoUser() {
        World world = new World().relay("out").rule("out", "*");
        assertEquals("out <who@far.example>", world.line("who@far.example"));
    }

    @Test
    void tagGoesToTheDelivery() {
        assertEquals(
                "home:bob+lists <bob+lists@home.example>",
                aliases().line("bob+lists@home.example"));
    }

    @Test
    void aliasWithTheTagGoesBeforeTheOneWithout() {
        World world = aliases("bob+x", "alice", "bob", "carol");
        assertEquals("home:alice <bob+x@home.example>", world.line("bob+x@home.example"));
        assertEquals("home:carol <bob+y@home.example>", world.line("bob+y@home.example"));
    }

    @Test
    void listLeadsToEachOnce() {
        World world =
                aliases("list", "bob, alice, bob, far@x.example, FAR@x.example, far@X.example");
        assertEquals(
                "home:bob <list@home.example>, home:alice <list@home.example>,"
                        + " out <far@x.example>, out <FAR@x.example>",
                world.line("list@home.example"));
    }

    @Test
    void aliasToItselfIsDelivered() {
        assertEquals(
                "home:root <root@home.example>, out <x@y.example>",
                aliases("root", "root, x@y.example").line("root@home.example"));
    }

    @Test
    @DisplayName("F-88: an alias with a member that does not exist is refused at RCPT")
    void oneUnknownMemberRefusesTheList() {
        assertEquals(INVALID, aliases("list", "bob, nobody").line("list@home.example"));
    }

    @Test
    @DisplayName("F-65 aliases that lead round and nowhere else are a loop")
    void roundIsALoop() {
        assertEquals(LOOP, aliases("a", "b", "b", "c", "c", "a").line("a@home.example"));
        assertEquals(LOOP, aliases("a", "a@home.example").line("a@home.example"));
        assertEquals(
                "home:bob <a@home.example>",
                aliases("a", "b, bob", "b", "a").line("a@home.example"));
    }

    @Test
    @DisplayName("F-65 expansion is bounded in depth")
    void depthIsBounded() {
        String[] chain =
                IntStream.range(0, 20)
                        .boxed()
                        .flatMap(i -> List.of("u" + i, "u" + (i + 1)).stream())
                        .toArray(String[]::new);
        World world = aliases(chain).users("u20:2000");
        assertEquals(LIST, world.line("u0@home.example"));
        assertEquals("home:u20 <u12@home.example>", world.line("u12@home.example"));
    }

    @Test
    @DisplayName("F-65 expansion is bounded in nodes")
    void nodesAreBounded() {
        String million =
                IntStream.range(0, 1_000_000)
                        .mapToObj(i -> "u" + i + "@far.example")
                        .collect(Collectors.joining(","));
        assertEquals(LIST, aliases("list", million).line("list@home.example"));
    }

    @Test
    void commandsAndFilesOfAliasesBelongToTheDaemon() {
        assertEquals(
                "home:_smtpd:|cat -u <x@home.example>, home:_smtpd:/var/log/mail <x@home.example>",
                aliases("x", "|cat -u, /var/log/mail").line("x@home.example"));
    }

    @Test
    void errorIsTold() {
        World world = aliases("gone", "error:550 5.1.1 moved away", "later", "error:421 busy");
        assertEquals("550 5.1.1 moved away", world.line("gone@home.example"));
        assertEquals("421 busy", world.line("later@home.example"));
    }

    @Test
    void malformedAliasIsNotNow() {
        assertEquals(NOT_NOW, aliases("x", "bob smith").line("x@home.example"));
    }

    @Test
    void includeAddsTheFilesNodes() {
        World world = aliases("x", ":include:/list").file("/list", "# us\nbob\nalice, carol\n");
        assertEquals(
                "home:bob <x@home.example>, home:alice <x@home.example>,"
                        + " home:carol <x@home.example>",
                world.line("x@home.example"));
    }

    @Test
    @DisplayName("F-65 includes do not nest, and missing ones are not now")
    void includesDoNotNest() {
        World world =
                aliases("x", ":include:/list", "y", ":include:/none")
                        .file("/list", ":include:/more\n")
                        .file("/more", "bob\n");
        assertEquals(LIST_NOW, world.line("x@home.example"));
        assertEquals(LIST_NOW, world.line("y@home.example"));
        assertEquals(LIST_NOW, aliases().forward("bob", ":include:/x").line("bob@home.example"));
        assertEquals(LIST_NOW, virtual("@", ":include:/x").line("bob@v.example"));
    }

    @Test
    void virtualKeysInOrder() {
        World world =
                virtual(
                        "a+t@v.example", "bob",
                        "a@v.example", "alice",
                        "b+t", "carol",
                        "c", "root",
                        "@v.example", "x@far.example");
        assertEquals("virt:bob <a+t@v.example>", world.line("a+t@v.example"));
        assertEquals("virt:alice <a+u@v.example>", world.line("a+u@v.example"));
        assertEquals("virt:carol <b+t@v.example>", world.line("b+t@v.example"));
        assertEquals("virt:root <c@v.example>", world.line("c@v.example"));
        assertEquals("out <x@far.example>", world.line("any@v.example"));
        assertEquals("virt:bob <z@v.example>", virtual("@", "bob").line("z@v.example"));
    }

    @Test
    void virtualWithoutEntryIsAListProblem() {
        assertEquals(LIST, virtual("a@v.example", "bob").line("b@v.example"));
    }

    @Test
    void virtualUsersHaveNoAliases() {
        assertEquals(INVALID, virtual("a@v.example", "nobody").line("a@v.example"));
    }

    @Test
    @DisplayName("F-78 tables that cannot answer are not now, at every place")
    void tablesThatCannotAnswer() {
        assertEquals(NOT_NOW, aliases().down("aliases").line("bob@home.example"));
        assertEquals(NOT_NOW, virtual().down("virtual").line("bob@v.example"));
        World base =
                new World()
                        .down("base")
                        .local("home", new Dispatcher.Users("", "", "base", ""))
                        .rule("home", "home.example");
        assertEquals(NOT_NOW, base.line("bob@home.example"));
        World broken =
                new World()
                        .map("base", "bob", "no numbers")
                        .local("home", new Dispatcher.Users("", "", "base", ""))
                        .rule("home", "home.example");
        assertEquals(NOT_NOW, broken.line("bob@home.example"));
    }

    @Test
    void userbaseDecidesWhoExists() {
        World world =
                new World()
                        .map("base", "dora", "5000:5000:/vmail/dora")
                        .local("home", new Dispatcher.Users("", "", "base", ""))
                        .rule("home", "home.example");
        assertEquals("home:dora+x <dora+x@home.example>", world.line("dora+x@home.example"));
        assertEquals(INVALID, world.line("bob@home.example"));
    }

    @Test
    void forwardReplacesTheDelivery() {
        World world = aliases().forward("bob", "# away\nx@far.example, \\bob\n|vacation bob\n");
        assertEquals(
                "out <x@far.example>, home:bob <bob@home.example>,"
                        + " home:bob:|vacation bob <bob@home.example>",
                world.line("bob@home.example"));
    }

    @Test
    void ownNameInForwardKeepsTheTag() {
        assertEquals(
                "home:bob+x <bob+x@home.example>",
                aliases().forward("bob", "bob").line("bob+x@home.example"));
    }

    @Test
    void emptyForwardIsNone() {
        assertEquals(
                "home:bob <bob@home.example>",
                aliases().forward("bob", "# nothing\n").line("bob@home.example"));
    }

    @Test
    @DisplayName("F-65 forwards that lead round are a loop")
    void forwardsThatLeadRound() {
        assertEquals(
                LOOP,
                aliases().forward("bob", "alice").forward("alice", "bob").line("bob@home.example"));
        assertEquals(LOOP, aliases().forward("bob", "bob@home.example").line("bob@home.example"));
    }

    @Test
    @DisplayName("F-65 a .forward others can write is ignored and logged")
    void unsafeForwardIsIgnored() {
        World world =
                aliases()
                        .forward(
                                "bob",
                                new ParentToChild.ForwardFile(
                                        LookupAnswer.FOUND,
                                        Bytes.of("x@far.example"),
                                        "could be written by others"));
        assertEquals("home:bob <bob@home.example>", world.line("bob@home.example"));
        assertEquals(
                List.of(".forward of bob is ignored: it could be written by others"),
                world.expansion("bob@home.example").warnings());
    }

    @Test
    @DisplayName("F-65 a command in root's .forward is ignored and logged")
    void commandOfRootIsIgnored() {
        World world = aliases().forward("root", "|id > /tmp/x, bob");
        assertEquals("home:root <root@home.example>", world.line("root@home.example"));
        assertEquals(1, world.expansion("root@home.example").warnings().size());
    }

    @Test
    @DisplayName("F-65 a .forward too long, malformed or unreadable for now is not now")
    void badForwardIsNotNow() {
        String many =
                IntStream.rangeClosed(0, Expander.FORWARD_NODES_MAX)
                        .mapToObj(i -> "u" + i + "@x.example")
                        .collect(Collectors.joining("\n"));
        assertEquals(LIST_NOW, aliases().forward("bob", many).line("bob@home.example"));
        assertEquals(LIST_NOW, aliases().forward("bob", "a b c").line("bob@home.example"));
        assertEquals(LIST_NOW, aliases().forward("bob", "x".repeat(4096)).line("bob@home.example"));
        assertEquals(
                LIST_NOW,
                aliases()
                        .forward(
                                "bob",
                                new ParentToChild.ForwardFile(
                                        LookupAnswer.TEMPFAIL, Bytes.EMPTY, ""))
                        .line("bob@home.example"));
    }

    @Test
    void forwardIsSkippedForAnotherDeliveryUser() {
        World world =
                new World()
                        .local("home", new Dispatcher.Users("", "", "", "carol"))
                        .rule("home", "home.example")
                        .forward("bob", "x@far.example")
                        .forward("carol", "\\carol, alice");
        assertEquals("home:bob <bob@home.example>", world.line("bob@home.example"));
        assertEquals(
                "home:carol <carol@home.example>, home:alice <carol@home.example>",
                world.line("carol@home.example"));
    }

    @Test
    void expandOnlyAcceptsWhatLeadsElsewhere() {
        World world = method(new Dispatcher.Method.ExpandOnly());
        assertEquals("out <x@far.example>", world.line("away@home.example"));
        assertEquals(LIST, world.line("list@home.example"));
        assertEquals(LIST, world.line("bob@home.example"));
    }

    @Test
    void forwardOnlyNeedsAForward() {
        World world =
                method(new Dispatcher.Method.ForwardOnly())
                        .forward("alice", "x@far.example")
                        .forward("carol", "|cat");
        assertEquals(LIST_NOW, world.line("bob@home.example"));
        assertEquals("out <x@far.example>", world.line("alice@home.example"));
        assertEquals(LIST_NOW, world.line("carol@home.example"));
        assertEquals(LIST_NOW, world.line("cmd@home.example"));
    }

    @Test
    @DisplayName("F-14 quoted local parts find their user and stay as they were written")
    void quotedLocalParts() {
        assertEquals("home:bob <\"bob\"@home.example>", aliases().line("\"bob\"@home.example"));
        assertEquals(
                "home:alice <\"joe smith\"@home.example>",
                aliases("joe smith", "alice").line("\"joe smith\"@home.example"));
        assertEquals(INVALID, aliases().line("\"\"@home.example"));
        assertEquals(INVALID, aliases().line("\"@\"@home.example"));
    }

    @Test
    @DisplayName("F-13 a local part never becomes a path")
    void localPartNeverBecomesAPath() {
        assertEquals(INVALID, aliases().line("../../etc/passwd@home.example"));
        assertEquals(INVALID, aliases().line("bob+../x@home.example"));
    }

    @Test
    void deliveriesSayWhetherAnExpansionMadeThem() {
        World world = aliases("list", "bob, x@far.example");
        Expansion.Result.Accepted accepted =
                assertInstanceOf(
                        Expansion.Result.Accepted.class, world.expand("list@home.example"));
        assertEquals(false, accepted.deliveries().getFirst().internal());
        assertTrue(accepted.deliveries().getLast().internal());
        assertEquals(Duration.ofHours(1), accepted.deliveries().getLast().ttl());
    }

    private static World forwarder() {
        return new World()
                .local("local", Dispatcher.Users.SYSTEM)
                .relay("relay")
                .rule("local", "mx.example.org")
                .fromLocal("relay")
                .srs("secret");
    }

    @Test
    void reportToARewrittenSenderGoesToThatSender() {
        String rewritten = "SRS0=vsrm=7H=far.example=joe@mx.example.org";
        assertEquals("relay <joe@far.example>", forwarder().report().line(rewritten));
        Expansion.Result.Accepted accepted =
                assertInstanceOf(
                        Expansion.Result.Accepted.class, forwarder().report().expand(rewritten));
        assertTrue(accepted.deliveries().getFirst().internal());
    }

    @Test
    void rewrittenSenderIsAUserNameForOtherMail() {
        assertEquals(
                "550 Invalid recipient",
                forwarder().line("SRS0=vsrm=7H=far.example=joe@mx.example.org"));
    }

    @Test
    @DisplayName("F-93 a report to a forged or old address of ours is refused with 5.7.1")
    void forgedRewrittenSender() {
        assertEquals(
                "550 5.7.1 Invalid recipient",
                forwarder().report().line("SRS0=AAAA=7H=far.example=joe@mx.example.org"));
        assertEquals(
                "550 5.7.1 Invalid recipient",
                forwarder().report().line("SRS0=6WBO=7C=far.example=joe@mx.example.org"));
    }

    @Test
    void rewrittenSenderOfAnotherServerIsTakenAsItIsWithAWarning() {
        Expansion expansion =
                forwarder()
                        .rule("relay", "customer.example")
                        .report()
                        .expansion("SRS0=vsrm=7H=far.example=joe@customer.example");
        assertEquals(1, expansion.warnings().size(), expansion.toString());
        Expansion.Result.Accepted accepted =
                assertInstanceOf(Expansion.Result.Accepted.class, expansion.result());
        assertEquals("customer.example", accepted.deliveries().getFirst().dest().domain());
    }
}
