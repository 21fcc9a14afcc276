package smtpd.mda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Dispatcher.Method;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Envelope.Target;
import smtpd.core.mail.MailAddr;
import smtpd.core.mail.Outcome;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

final class MeansFinderTest {
    private static final UserRecord ROOT = new UserRecord("root", 0, 0, "/root");

    private final MeansFinder finder =
            new MeansFinder(
                    Map.of("guard", "limit -u %{user.username} -- %{mda}"),
                    Path.of("/var/mail"),
                    new ConfFormats("+"));

    private Means find(Method method, UserRecord user, String dest, String exec)
            throws DeliveryFailure {
        return find(Samples.action("x", method), user, dest, exec);
    }

    private Means find(Dispatcher.Local action, UserRecord user, String dest, String exec)
            throws DeliveryFailure {
        return finder.find(
                action,
                user,
                Samples.envelope(
                        1,
                        MailAddr.of("sender@example.org"),
                        MailAddr.of(dest),
                        new Target.Mda("x", user.name(), exec, "")));
    }

    private Verdict refusal(Method method, UserRecord user, String dest, String exec) {
        return DeliveryFailure.verdict(
                assertThrows(DeliveryFailure.class, () -> find(method, user, dest, exec)));
    }

    @Test
    void maildirPathsAreHomeRelativeOrExpanded() throws DeliveryFailure {
        assertEquals(
                new Means.IntoMaildir(Path.of("/home/gilles/Maildir"), false, ""),
                find(new Method.Maildir("", false), Samples.USER, "g@b", ""));
        assertEquals(
                new Means.IntoMaildir(Path.of("/home/gilles/Mail/b"), true, ""),
                find(new Method.Maildir("~/Mail/%{dest.domain}", true), Samples.USER, "g@b", ""));
        assertEquals(
                new Means.IntoMaildir(Path.of("/srv/b/g"), false, ""),
                find(
                        new Method.Maildir("/srv/%{dest.domain}/%{dest.user}", false),
                        Samples.USER,
                        "g@b",
                        ""));
    }

    @Test
    @DisplayName("F-64: an address cannot climb out of the configured path")
    void climbing() {
        Verdict verdict =
                refusal(
                        new Method.Maildir("/srv/%{dest.user}", false),
                        Samples.USER,
                        "../../etc@b",
                        "");
        assertEquals(Outcome.PERMFAIL, verdict.outcome());
    }

    @Test
    @DisplayName("F-63: an address never reaches the shell as syntax")
    void shell() throws DeliveryFailure {
        assertEquals(
                new Means.ByCommand("deliver ::rm:-rf:/:@b"),
                find(new Method.Command("deliver %{dest}"), Samples.USER, ";$rm -rf /`@b", ""));
    }

    @Test
    void rootReceivesNothingButIntoItsMbox() throws DeliveryFailure {
        assertEquals(
                new Means.IntoMbox(Path.of("/var/mail")), find(new Method.Mbox(), ROOT, "r@b", ""));
        for (Method method :
                new Method[] {
                    new Method.Maildir("", false),
                    new Method.Command("x"),
                    new Method.Lmtp("/l", false)
                }) {
            Verdict verdict = refusal(method, ROOT, "r@b", "");
            assertEquals("Error (not allowed to deliver to: root)", verdict.stat());
            assertEquals(Outcome.PERMFAIL, verdict.outcome());
        }
        assertEquals(Outcome.PERMFAIL, refusal(new Method.Mbox(), ROOT, "r@b", "|id").outcome());
    }

    @Test
    void aliasNodesReplaceTheMethodAndAreNotExpanded() throws DeliveryFailure {
        assertEquals(
                new Means.ByCommand("date +%Y"),
                find(new Method.Mbox(), Samples.USER, "g@b", "|date +%Y"));
        assertEquals(
                new Means.IntoFile(Path.of("/srv/archive")),
                find(new Method.Mbox(), Samples.USER, "g@b", "/srv/archive"));
    }

    @Test
    void aWrapperReplacesTheCommand() throws DeliveryFailure {
        Dispatcher.Local action =
                new Dispatcher.Local(
                        "x",
                        new Method.Command("deliver %{dest.user}"),
                        Dispatcher.Users.SYSTEM,
                        "guard",
                        Duration.ZERO);
        assertEquals(
                new Means.ByCommand("limit -u gilles -- deliver g"),
                find(action, Samples.USER, "g@b", ""));
    }

    @Test
    void aCommandThatCannotBeExpandedIsPermanent() {
        assertEquals(
                Outcome.PERMFAIL,
                refusal(new Method.Command("x %{nosuch}"), Samples.USER, "g@b", "").outcome());
    }
}
