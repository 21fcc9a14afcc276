package smtpd.lka.expand;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.conf.Dispatcher;

import java.time.Duration;
import java.util.List;

/// What the options of an action make of an expansion.
class ExpanderOptionsTest {
    private static final String INVALID = "550 Invalid recipient";
    private static final String LIST_NOW = "424 4.2.4 Mailing list expansion problem";

    private static Dispatcher.Local action(Dispatcher.Method method, Dispatcher.Users users) {
        return new Dispatcher.Local("home", method, users, "", Duration.ZERO);
    }

    private static World world(Dispatcher.Method method, String... aliases) {
        return new World()
                .map("aliases", aliases)
                .action(action(method, new Dispatcher.Users("aliases", "", "", "")))
                .relay("out")
                .rule("home", "home.example")
                .fromLocal("out");
    }

    static List<Dispatcher.Method> methods() {
        return List.of(
                new Dispatcher.Method.Mbox(),
                new Dispatcher.Method.Maildir("", false),
                new Dispatcher.Method.Lmtp("/run/lmtp", true),
                new Dispatcher.Method.Command("cat"));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void forwardCountsUnderEveryLocalMethod(Dispatcher.Method method) {
        World world = world(method).forward("bob", "x@far.example");
        assertEquals("out <x@far.example>", world.line("bob@home.example"));
        assertEquals("home:alice <alice@home.example>", world.line("alice@home.example"));
    }

    @ParameterizedTest
    @ValueSource(chars = {'-', '_', '=', '.', '#'})
    void delimiterIsConfigurable(char delimiter) {
        World world =
                new World()
                        .delimiter(delimiter)
                        .map("aliases", "bob" + delimiter + "x", "alice", "list", "carol")
                        .map("virtual", "bob@v.example", "bob", "a" + delimiter + "t", "alice")
                        .local("home", new Dispatcher.Users("aliases", "", "", ""))
                        .local("virt", new Dispatcher.Users("", "virtual", "", ""))
                        .rule("home", "home.example")
                        .rule("virt", "v.example");
        String at = delimiter + "y@home.example";
        assertEquals("home:bob+y <bob" + at + ">", world.line("bob" + at));
        assertEquals("home:carol <list" + at + ">", world.line("list" + at));
        String tagged = "bob" + delimiter + "x@home.example";
        assertEquals("home:alice <" + tagged + ">", world.line(tagged));
        String virtual = "bob" + delimiter + "any@v.example";
        assertEquals("virt:bob <" + virtual + ">", world.line(virtual));
        String bare = "a" + delimiter + "t@v.example";
        assertEquals("virt:alice <" + bare + ">", world.line(bare));
        // the usual one means nothing then
        assertEquals(INVALID, world.line("bob+x@home.example"));
    }

    @Test
    void backslashMeansThatUserAndNoAliasOfItsOwn() {
        World world =
                world(
                        new Dispatcher.Method.Mbox(),
                        "bob",
                        "\\bob, x@far.example",
                        "team",
                        "\\alice");
        assertEquals(
                "home:bob <bob@home.example>, out <x@far.example>", world.line("bob@home.example"));
        assertEquals("home:alice <team@home.example>", world.line("team@home.example"));
    }

    @Test
    void everyWayToOneMailboxIsOneDelivery() {
        World world =
                world(
                                new Dispatcher.Method.Mbox(),
                                "all",
                                "team, bob, boss, Bob@home.example",
                                "team",
                                "bob, alice",
                                "boss",
                                "carol")
                        .forward("carol", "bob, alice@home.example");
        assertEquals(
                "home:bob <all@home.example>, home:alice <all@home.example>",
                world.line("all@home.example"));
    }

    @Test
    @DisplayName("F-65 a list that holds itself is walked once")
    void listsThatHoldEachOther() {
        World world =
                world(
                        new Dispatcher.Method.Mbox(),
                        "a",
                        "b, bob",
                        "b",
                        "a, c",
                        "c",
                        "c@home.example, alice");
        assertEquals(
                "home:bob <a@home.example>, home:alice <a@home.example>",
                world.line("a@home.example"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"|cat", "/var/mail/x", "error:550 away", "x@far.example, |cat"})
    void forwardOnlyTakesNoCommandFileOrError(String forward) {
        World world = world(new Dispatcher.Method.ForwardOnly()).forward("bob", forward);
        assertEquals(LIST_NOW, world.line("bob@home.example"));
    }

    @Test
    void errorOfAVirtualDomainAndItsCatchAll() {
        World world =
                new World()
                        .map(
                                "virtual",
                                "gone@v.example",
                                "error:550 5.1.1 moved",
                                "@v.example",
                                "bob",
                                "@",
                                "error:421 nobody here")
                        .local("virt", new Dispatcher.Users("", "virtual", "", ""))
                        .rule("virt", "v.example")
                        .rule("virt", "other.example");
        assertEquals("550 5.1.1 moved", world.line("gone@v.example"));
        assertEquals("virt:bob <who@v.example>", world.line("who@v.example"));
        assertEquals("421 nobody here", world.line("who@other.example"));
    }

    @Test
    void commandsUnderAUserbaseBelongToTheDaemon() {
        World world =
                new World()
                        .map("aliases", "x", "|cat")
                        .map("base", "dora", "5000:5000:/vmail/dora")
                        .local("home", new Dispatcher.Users("aliases", "", "base", ""))
                        .rule("home", "home.example");
        assertEquals("home:_smtpd:|cat <x@home.example>", world.line("x@home.example"));
    }

    @Test
    @DisplayName("F-15 a recipient at one of our address literals is a local one")
    void addressLiterals() {
        World world =
                new World()
                        .local("home", Dispatcher.Users.SYSTEM)
                        .rule("home", "[127.0.0.1]")
                        .rule("home", "[IPv6:::1]");
        assertEquals("home:bob <bob@[127.0.0.1]>", world.line("bob@[127.0.0.1]"));
        assertEquals("home:bob <bob@[IPv6:::1]>", world.line("bob@[IPv6:::1]"));
        assertEquals(INVALID, world.line("bob@[127.0.0.2]"));
    }
}
