package smtpd.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

import smtpd.core.mail.Dsn;
import smtpd.core.mail.MsgId;

import java.util.Set;

class ActionsTest {
    private static String destination(Actions actions, String rcpt) {
        return actions.entry(QueueRig.envelope(new MsgId(1), "a@b.example", rcpt, Dsn.NONE))
                .destination();
    }

    @Test
    void allDomainsOfASmarthostAreOneDestination() {
        Actions actions = new Actions(Set.of("relay", "local"), Set.of("relay"));
        assertEquals(destination(actions, "x@one.example"), destination(actions, "y@two.example"));
        assertNotEquals(
                destination(actions, "x@here.example"), destination(actions, "y@here.example"));
    }

    @Test
    void otherRelaysTellDomainsApart() {
        Actions actions = new Actions(Set.of("relay", "local"), Set.of());
        assertEquals(destination(actions, "x@one.example"), destination(actions, "y@ONE.example"));
        assertNotEquals(
                destination(actions, "x@one.example"), destination(actions, "x@two.example"));
    }
}
