package smtpd.lka.table;

import smtpd.core.imsg.TableService;
import smtpd.core.table.TableText;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/// The system's users as a userbase (OpenSMTPD: `getpwnam`).
///
/// "Yes" and "no" are remembered for [#KEPT], so that a message to many recipients or a guessing
/// client does not ask the parent each time; "not now" is not.
public final class SystemUserTable implements Table {
    /// The name in the log (OpenSMTPD: the same).
    public static final String NAME = "<getpwnam>";

    /// How long an answer is remembered: short, for users come and go by tools we never hear of.
    static final Duration KEPT = Duration.ofSeconds(10);

    /// How many answers are remembered: bounds what a guessing client can fill.
    static final int KEPT_MAX = 4096;

    private record Remembered(Answer answer, Instant until) {}

    private final SystemUsers users;
    private final InstantSource clock;
    private final Map<String, Remembered> remembered =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Remembered> eldest) {
                    return size() > KEPT_MAX;
                }
            };

    /// @param users who is asked
    /// @param clock the time
    public SystemUserTable(SystemUsers users, InstantSource clock) {
        this.users = users;
        this.clock = clock;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Answer lookup(TableService service, String key) {
        return switch (service) {
            case USERINFO -> user(TableText.fold(key));
            case ALIAS,
                    DOMAIN,
                    CREDENTIALS,
                    NETADDR,
                    SOURCE,
                    MAILADDR,
                    ADDRNAME,
                    MAILADDRMAP,
                    RELAYHOST,
                    STRING,
                    REGEX,
                    AUTH ->
                    new Answer.Tempfail("table " + NAME + " holds users only");
        };
    }

    private Answer user(String name) {
        Instant now = clock.instant();
        synchronized (remembered) {
            Remembered known = remembered.get(name);
            if (known != null && now.isBefore(known.until())) {
                return known.answer();
            }
        }
        SystemUsers.Found found = users.lookup(name);
        Answer answer =
                switch (found.answer()) {
                    case FOUND -> new Answer.Found(UserLine.write(found.user()));
                    case NOT_FOUND -> Answer.NOT_FOUND;
                    case TEMPFAIL -> new Answer.Tempfail("system users cannot be looked up");
                };
        if (!(answer instanceof Answer.Tempfail)) {
            synchronized (remembered) {
                remembered.put(name, new Remembered(answer, now.plus(KEPT)));
            }
        }
        return answer;
    }

    @Override
    public Answer fetch(TableService service) {
        return new Answer.Tempfail("table " + NAME + " cannot be listed");
    }

    /// Forgets what is remembered.
    @Override
    public Update update() {
        synchronized (remembered) {
            remembered.clear();
        }
        return new Update.Updated(0);
    }
}
