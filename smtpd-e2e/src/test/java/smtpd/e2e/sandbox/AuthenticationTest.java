package smtpd.e2e.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.PeerSecurity;
import smtpd.core.conf.SrsOptions;
import smtpd.core.conf.TableConf;
import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.mail.Secret;
import smtpd.core.proc.Confinement;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Mailbox;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.core.proc.SandboxPolicy;
import smtpd.core.slice.FilterSlice;
import smtpd.core.slice.LkaSlice;
import smtpd.core.sys.Crypt;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.FdSocket;
import smtpd.core.sys.Layers;
import smtpd.core.sys.Spawn;
import smtpd.core.sys.SysException;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// A real lka behind its walls checks passwords for smtp: this test is its parent and its smtp.
class AuthenticationTest {
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final BlockingQueue<ChildToParent.Ready> ready = new ArrayBlockingQueue<>(1);
    private final Mailbox mailbox = new Mailbox("test", InstantSource.system());
    private final LinkPeer<ParentToChild, ChildToParent> control =
            new LinkPeer<>(
                    Role.LKA, ParentToChild.CODEC, ChildToParent.CODEC, this::asParent, mailbox);
    private final LinkPeer<SmtpToLka, LkaToSmtp> lka =
            new LinkPeer<>(
                    Role.LKA, SmtpToLka.CODEC, LkaToSmtp.CODEC, (request, message) -> {}, mailbox);
    private int pid;

    private void asParent(long request, ChildToParent message) {
        switch (message) {
            case ChildToParent.Ready it -> ready.add(it);
            case ChildToParent.CheckPassword it ->
                    control.answer(
                            request,
                            new ParentToChild.PasswordChecked(
                                    it.user().equals("bob") && it.password().text().equals("pw")
                                            ? LookupAnswer.FOUND
                                            : LookupAnswer.NOT_FOUND));
            case ChildToParent.OpenForward _,
                    ChildToParent.LookupUser _,
                    ChildToParent.RunCommand _,
                    ChildToParent.KillCommand _,
                    ChildToParent.StartTable _,
                    ChildToParent.EndTable _,
                    ChildToParent.StartFilter _,
                    ChildToParent.EndFilter _,
                    ChildToParent.UpdatePki _,
                    ChildToParent.Renewed _ ->
                    throw new IllegalStateException("not asked for here: " + message);
        }
    }

    private static LkaSlice slice() {
        Map<String, String> logins = new LinkedHashMap<>();
        logins.put("yescrypt", "$y$j9T$abcdefgh$UGYCVcUwcoG0k8SZZ.Uz3i0RYQNy1YmYj4I4poBPer2");
        logins.put(
                "sha512",
                "sha512:$6$abcdefgh$KQeXafAQAaOoKTevphVU215RvJdgzyfASRasIOuh12hO8u0r1bGW92ZnTmC9Ijs"
                        + "iQ8VPiTXBiZF49dFL1U4wX/");
        logins.put("sha256", "$5$aa$mzf5CT4lKj0jBcvvaM/wyABl7jkEXQ6PNDCQjw0uBJC");
        logins.put("bcrypt", "$2b$05$abcdefghijklmnopqrstuuHIrMEWpUCQe2YqFR3sXwQ75u4od..9q");
        logins.put(
                "argon2",
                "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi"
                        + "/4");
        logins.put("costly", "$6$rounds=999999999$abcdefgh$x");
        return new LkaSlice(
                "mx.example.org",
                List.of("localhost"),
                List.of(),
                List.of("127.0.0.1"),
                List.of(
                        new TableConf.StaticMap("logins", logins),
                        new TableConf.StaticMap("relays", Map.of("label", "user:pw"))),
                List.of(),
                List.of(),
                SrsOptions.DEFAULT,
                new LkaSlice.ListenerTables(List.of("logins", ""), List.of(), List.of(), List.of()),
                "+",
                Duration.ofDays(4),
                PeerSecurity.DEFAULT.withDane(PeerSecurity.Dane.OFF),
                "",
                FilterSlice.NONE);
    }

    @BeforeEach
    void start() throws SysException, InterruptedException {
        Layers layers = Layers.probe();
        assumeTrue(layers.landlockAbi() >= 4 && layers.seccomp(), "needs Landlock and seccomp");
        assumeTrue(Crypt.isAvailable(), "needs libcrypt");
        FdSocket[] pair = FdSocket.pair();
        Spawn.Request request =
                new Spawn.Request(
                        JAVA_HOME + "/bin/java",
                        command(),
                        List.of("LC_ALL=C.UTF-8"),
                        List.of(pair[1].fd(), 2, 2),
                        "/");
        pid = Spawn.sandboxed(request, null, policy().sandbox(), layers);
        Descriptors.close(pair[1].fd());
        control.attach(Role.PARENT, pair[0]);
        control.send(new ParentToChild.Start(slice().encode(), false, List.of()));
        FdSocket[] link = FdSocket.pair();
        control.sendWithFd(new ParentToChild.PeerLink(Role.SMTP), link[1].fd());
        Descriptors.close(link[1].fd());
        control.send(new ParentToChild.Go());
        lka.attach(Role.SMTP, link[0]);
        String sandbox = ready.take().sandbox();
        assertTrue(sandbox.contains("seccomp=strict"), sandbox);
    }

    @AfterEach
    void stop() throws SysException {
        if (pid != 0) {
            Spawn.kill(pid, Spawn.SIGKILL);
            Spawn.waitFor(pid);
        }
    }

    private static List<String> command() {
        return List.of(
                "smtpd-lka",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-D" + Confinement.PROPERTY + "=strict",
                "-cp",
                System.getProperty("java.class.path"),
                "smtpd.lka.Main");
    }

    private static SandboxPolicy policy() {
        List<Path> classes = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(entry);
            if (Files.exists(path)) {
                classes.add(path);
            }
        }
        Path nowhere = Path.of("/nonexistent");
        return SandboxPolicy.of(
                Role.LKA,
                new SandboxPolicy.Places(
                        JAVA_HOME, classes, nowhere, nowhere, List.of(), List.of()),
                new SandboxPolicy.Ports(Set.of(), Set.of(53), Set.of()));
    }

    private LookupAnswer check(String table, String user, String password) throws PeerLost {
        LkaToSmtp answer =
                lka.call(new SmtpToLka.Authenticate(table, user, new Secret(password)), PATIENCE);
        return assertInstanceOf(LkaToSmtp.Authenticated.class, answer).answer();
    }

    @Test
    void passwordsOfEveryScheme() throws PeerLost {
        for (String user : List.of("yescrypt", "sha512", "sha256", "bcrypt")) {
            assertEquals(LookupAnswer.FOUND, check("logins", user, "pw"), user);
            assertEquals(LookupAnswer.NOT_FOUND, check("logins", user, "pW"), user);
        }
        assertEquals(LookupAnswer.FOUND, check("logins", "argon2", "password"));
        assertEquals(LookupAnswer.NOT_FOUND, check("logins", "argon2", "pw"));
        assertEquals(LookupAnswer.NOT_FOUND, check("logins", "nobody", "pw"));
        assertEquals(LookupAnswer.FOUND, check("", "bob", "pw"));
        assertEquals(LookupAnswer.NOT_FOUND, check("", "bob", "no"));
        // never "no" where nobody can tell, nor anything about other tables
        assertEquals(LookupAnswer.TEMPFAIL, check("logins", "costly", "pw"));
        assertEquals(LookupAnswer.TEMPFAIL, check("relays", "label", "pw"));
        assertEquals(LookupAnswer.TEMPFAIL, check("missing", "label", "pw"));
    }
}
