package smtpd.e2e.stat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import smtpd.e2e.scenario.Account;
import smtpd.e2e.scenario.Daemon;
import smtpd.e2e.scenario.Distribution;
import smtpd.e2e.scenario.Ports;
import smtpd.e2e.scenario.Started;
import smtpd.e2e.scenario.Submitter;
import smtpd.e2e.scenario.Waiting;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The status page of the real daemon in a real browser, under load.
class StatusPageTest {
    private static final Path PICTURES = Path.of("target/screenshots");
    private static final String TOKEN = "a token for the test";
    private static final String HOSTILE = "<img src=x onerror=alert(1)>";

    @AutoClose private static final Started STARTED = new Started();

    private static int smtp;
    private static int http;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Browser.isInstalled(), "chromium is missing: etc/interop installs it as root");
        ServerSocket server =
                STARTED.add(new ServerSocket(0, 9, InetAddress.ofLiteral("127.0.0.1")));
        Thread.ofVirtual().start(() -> refuse(server));
        List<Integer> ports = Ports.free(2);
        smtp = ports.getFirst();
        http = ports.getLast();
        Daemon made = STARTED.prepare(Account.unprivileged());
        made.write(
                "etc/smtpd.conf",
                """
                table users { alice = "%s" }
                listen on 127.0.0.1 port %d hostname mx.example.org
                statistics sqlite
                statistics http on 127.0.0.1 port %d token "%s"
                action "local" maildir userbase <users>
                action "far" relay host smtp://127.0.0.1:%d
                match from any for domain "example.org" action "local"
                match from any for any action "far"
                """
                        .formatted(made.home("alice"), smtp, http, TOKEN, server.getLocalPort()));
        made.start();
    }

    /// Takes nobody in, with words that want to be markup.
    private static void refuse(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.getOutputStream()
                        .write(("421 4.3.2 " + HOSTILE + "\r\n").getBytes(US_ASCII));
            } catch (IOException _) {
                // the client is gone, or we are
            }
        }
    }

    private static Daemon daemon() {
        return STARTED.daemon();
    }

    private static void signal(String name, long pid) throws Exception {
        Distribution.run(List.of("kill", "-" + name, Long.toString(pid)), Map.of(), new byte[0]);
    }

    private static long pid(String process) {
        String status = daemon().ask("show", "status");
        Matcher found = Pattern.compile("process " + process + " pid=(\\d+)").matcher(status);
        assertTrue(found.find(), status);
        return Long.parseLong(found.group(1));
    }

    /// As much mail as is delivered: the next when the one before is in its mailbox.
    private static void load(AtomicBoolean on) {
        for (int i = 0; on.get(); i++) {
            try {
                Submitter.message(smtp, "somebody@far" + i % 7 + ".example");
                long before = mailbox();
                Submitter.message(smtp, "alice@example.org");
                Waiting.within(Waiting.PATIENCE, () -> !on.get() || mailbox() > before);
            } catch (IOException _) {
                // the next one may do better
            }
        }
    }

    private static long mailbox() throws IOException {
        Path inbox = daemon().prefix().resolve("home/alice/Maildir/new");
        if (!Files.isDirectory(inbox)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(inbox)) {
            return files.count();
        }
    }

    private static void fits(Browser browser, String what) throws Exception {
        assertEquals(
                "true",
                browser.value(
                        "document.documentElement.scrollWidth <="
                                + " document.documentElement.clientWidth"),
                what);
    }

    @Test
    void showsWhatHappensWhileItHappensAndSaysWhenItCannot() throws Exception {
        AtomicBoolean load = new AtomicBoolean(true);
        Thread loader = Thread.ofVirtual().start(() -> load(load));
        try (Browser browser = Browser.start()) {
            browser.size(1280, 900, false);
            browser.scheme("light");
            browser.go("http://127.0.0.1:" + http + "/");
            browser.await("document.querySelector('#live.live')");
            browser.value("window.stays = 'yes'");
            numbersMove(browser);
            looks(browser);
            namesAreNames(browser);
            orders(browser);
            staleQueue(browser);
            lostControl(browser);
            assertEquals("yes", browser.value("window.stays"), "it was never loaded anew");
            year(browser);
            assertEquals(List.of(), browser.complaints());
        } finally {
            load.set(false);
            loader.join();
        }
    }

    private static void numbersMove(Browser browser) throws Exception {
        String delivered =
                "Number(document.querySelector('.out')"
                        + ".closest('figure').querySelector('.sum').textContent)";
        browser.await(delivered + " > 0");
        String before = browser.value(delivered);
        browser.await(delivered + " > " + before);
        browser.await("document.querySelector('#queue').textContent.includes('onerror')");
        browser.await("document.querySelector('#routes').textContent.includes('127.0.0.1')");
        assertEquals(
                "now traffic queue routes processes",
                browser.value(
                        "[...document.querySelectorAll('section')].map(s => s.id).join(' ')"));
        String processes = browser.value("document.querySelector('#processes').innerText");
        for (String role :
                List.of("parent", "smtp", "lka", "queue", "scheduler", "mta", "mda", "ca")) {
            assertTrue(processes.contains(role), processes);
        }
    }

    private static void looks(Browser browser) throws Exception {
        fits(browser, "1280");
        browser.picture(PICTURES.resolve("light.png"));
        browser.scheme("dark");
        browser.await("matchMedia('(prefers-color-scheme: dark)').matches");
        String dark = browser.value("getComputedStyle(document.body).backgroundColor");
        browser.picture(PICTURES.resolve("dark.png"));
        browser.size(360, 740, true);
        fits(browser, "360 wide");
        browser.picture(PICTURES.resolve("phone-dark.png"));
        browser.scheme("light");
        browser.await("!matchMedia('(prefers-color-scheme: dark)').matches");
        fits(browser, "360 wide");
        browser.picture(PICTURES.resolve("phone.png"));
        browser.size(1280, 900, false);
        String light = browser.value("getComputedStyle(document.body).backgroundColor");
        assertEquals("rgb(20, 23, 26) rgb(246, 247, 248)", dark + " " + light);
    }

    private static void year(Browser browser) throws Exception {
        browser.value("document.querySelector('.chooser a:last-child').click()");
        browser.await(
                "document.querySelector('.chooser a[aria-current]')?.innerText.includes('year')");
        browser.await("document.querySelector('#live.live')");
        browser.await("document.querySelector('figcaption')?.innerText.includes('each 5 days')");
        fits(browser, "the year");
    }

    private static void namesAreNames(Browser browser) throws Exception {
        assertEquals("0", browser.value("document.querySelectorAll('main img').length"));
        assertTrue(browser.value("document.querySelector('#queue').textContent").contains(HOSTILE));
    }

    /// A button that is pressed as the user does it, once with a wrong token.
    private static void press(Browser browser, String order, String token) throws Exception {
        browser.value("document.querySelector('#orders input').value = '" + token + "'");
        String button = "document.querySelector(`button[value='" + order + "']`)";
        browser.await(button);
        browser.value(button + ".click()");
    }

    private static void orders(Browser browser) throws Exception {
        press(browser, "pause mda", "no such token at all");
        browser.await("document.getElementById('ordered').value.includes('not the token')");
        press(browser, "pause mda", TOKEN);
        browser.await("document.querySelector('#now .paused')");
        press(browser, "resume mda", TOKEN);
        browser.await("!document.querySelector('#now .paused')");
        press(browser, "schedule far", TOKEN);
        browser.await("/ tried now/.test(document.getElementById('ordered').value)");
        press(browser, "route 1", TOKEN);
        browser.await("/used again/.test(document.getElementById('ordered').value)");
    }

    private static void staleQueue(Browser browser) throws Exception {
        long queue = pid("queue");
        signal("STOP", queue);
        browser.await(
                "/queue as of ..:..:.., [0-9]+ s old: queue does not answer/"
                        + ".test(document.querySelector('#queue.stale')?.innerText)");
        browser.await("document.querySelector('#traffic.stale')");
        assertEquals("true", browser.value("document.getElementById('alarm').hidden"));
        browser.picture(PICTURES.resolve("stale.png"));
        signal("CONT", queue);
        browser.await("document.querySelector('#queue.fresh')");
        browser.await("document.querySelector('#traffic.fresh')");
    }

    private static void lostControl(Browser browser) throws Exception {
        long control = pid("control");
        long parent = ProcessHandle.of(control).orElseThrow().parent().orElseThrow().pid();
        signal("STOP", parent);
        signal("KILL", control);
        browser.await("!document.getElementById('alarm').hidden");
        browser.await("document.querySelectorAll('section.stale').length == 5");
        String age =
                "Number((/ ([0-9]+) s old/.exec(document.getElementById('now').innerText) ||"
                        + " [])[1])";
        String before = browser.value(age);
        browser.await(age + " > " + before);
        browser.picture(PICTURES.resolve("lost.png"));
        signal("CONT", parent);
        browser.await("document.getElementById('alarm').hidden");
        browser.await("document.querySelectorAll('section.fresh').length == 5");
    }
}
