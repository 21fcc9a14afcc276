package smtpd.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Secret;
import smtpd.core.proc.Role;

import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Who speaks with whom, and who may ask the parent for what.
class WiringTest {
    /// The table of ARCHITECTURE.md.
    private static final Map<Role, Set<Role>> TABLE = new EnumMap<>(Role.class);

    static {
        TABLE.put(Role.SMTP, EnumSet.of(Role.LKA, Role.QUEUE, Role.CA, Role.CONTROL));
        TABLE.put(Role.LKA, EnumSet.of(Role.SMTP, Role.MTA, Role.MDA, Role.QUEUE, Role.CONTROL));
        TABLE.put(
                Role.QUEUE,
                EnumSet.of(Role.SMTP, Role.LKA, Role.SCHEDULER, Role.MTA, Role.MDA, Role.CONTROL));
        TABLE.put(Role.SCHEDULER, EnumSet.of(Role.QUEUE, Role.CONTROL));
        TABLE.put(Role.MTA, EnumSet.of(Role.QUEUE, Role.LKA, Role.CA, Role.CONTROL));
        TABLE.put(Role.MDA, EnumSet.of(Role.QUEUE, Role.LKA, Role.CONTROL));
        TABLE.put(Role.CA, EnumSet.of(Role.SMTP, Role.MTA, Role.CONTROL));
        TABLE.put(Role.CONTROL, EnumSet.complementOf(EnumSet.of(Role.PARENT, Role.CONTROL)));
    }

    @Test
    void everyProcessIsStartedOnce() {
        assertEquals(
                EnumSet.complementOf(EnumSet.of(Role.PARENT)), EnumSet.copyOf(Wiring.CHILDREN));
        assertEquals(EnumSet.copyOf(Wiring.CHILDREN).size(), Wiring.CHILDREN.size());
    }

    @Test
    void processesSpeakWithThoseOfTheTable() {
        for (Role role : Wiring.CHILDREN) {
            List<Role> peers = Wiring.peersOf(role);
            assertEquals(TABLE.get(role), EnumSet.copyOf(peers), role.word());
            assertEquals(EnumSet.copyOf(peers).size(), peers.size(), role.word());
        }
    }

    @Test
    void whoSpeaksIsSpokenTo() {
        for (Role role : Wiring.CHILDREN) {
            for (Role peer : Wiring.peersOf(role)) {
                assertTrue(Wiring.peersOf(peer).contains(role), role + " " + peer);
            }
        }
    }

    private static Set<Role> whoMayAsk(ChildToParent message) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (Role role : Wiring.CHILDREN) {
            if (Permissions.mayAsk(role, message)) {
                roles.add(role);
            }
        }
        return roles;
    }

    @Test
    void onlyTheMdaRunsCommandsAndOnlyTheLkaAsksForPasswordsAndForwards() {
        UserRecord user = new UserRecord("u", 1, 1, "/");
        assertEquals(EnumSet.copyOf(Wiring.CHILDREN), whoMayAsk(new ChildToParent.Ready("")));
        assertEquals(
                EnumSet.of(Role.MDA),
                whoMayAsk(new ChildToParent.RunCommand(user, "true", List.of(), Duration.ZERO)));
        assertEquals(EnumSet.of(Role.MDA), whoMayAsk(new ChildToParent.KillCommand(1)));
        assertEquals(
                EnumSet.of(Role.LKA),
                whoMayAsk(new ChildToParent.CheckPassword("u", new Secret("p"))));
        assertEquals(EnumSet.of(Role.LKA), whoMayAsk(new ChildToParent.OpenForward(user)));
        Set<Role> lookUp = whoMayAsk(new ChildToParent.LookupUser("u"));
        assertTrue(lookUp.contains(Role.LKA));
        assertFalse(lookUp.contains(Role.SMTP));
        assertFalse(lookUp.contains(Role.MTA));
    }
}
