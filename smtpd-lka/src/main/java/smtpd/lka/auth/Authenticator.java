package smtpd.lka.auth;

import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.TableService;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Secret;
import smtpd.core.proc.SlowWork;
import smtpd.core.sasl.ScramKeys;
import smtpd.core.sys.Crypt;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Table;
import smtpd.lka.table.Tables;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Says whether a client's password fits.
///
/// A table that checks passwords itself is asked to; any other is asked for the user's credentials,
/// `hash` or `user:hash`, and the hash is checked here. Without a table the system's users count.
/// An unknown user, a locked one and a wrong password are all "no" and take about the same time:
/// for somebody who has no hash another one is computed, of the cost that table's last hash had.
///
/// Credentials that are keys of SCRAM ([ScramKeys]) serve both: a password is checked against them,
/// and so is a proof. A user without such keys is asked for a proof like any other, with a salt
/// that stays the same while the process lives, and fails.
///
/// Hashes are computed on threads of their own ([SlowWork]): no other lookup waits for them.
public final class Authenticator {
    /// Longest user name (OpenSMTPD: the same).
    static final int USER_MAX = 255;

    private final Tables tables;
    private final Set<String> permitted;
    private final SystemPasswords system;
    private final Hashes hashes;
    private final SlowWork work;

    /// For each table the hash that was checked last: as many as there are tables to ask.
    private final Map<String, String> lastHashes = new ConcurrentHashMap<>();

    /// For each table the keys that were found last.
    private final Map<String, ScramKeys> lastKeys = new ConcurrentHashMap<>();

    /// Makes salts for those who have none, and keys that no proof fits.
    private final ScramDecoy decoy = new ScramDecoy();

    /// @param tables all tables
    /// @param permitted those that listeners authenticate against; the empty name for the system's
    ///   users
    /// @param system checks the system's users
    /// @param hashes computes hashes
    public Authenticator(
            Tables tables, Collection<String> permitted, SystemPasswords system, Hashes hashes) {
        this.tables = tables;
        this.permitted = Set.copyOf(permitted);
        this.system = system;
        this.hashes = hashes;
        work = new SlowWork("password");
    }

    /// Whether the password is that user's.
    ///
    /// @param table the listener's credentials; empty for the system's users
    public Answer check(String table, String user, Secret password) {
        if (!permitted.contains(table)) {
            return new Answer.Tempfail("no listener authenticates against \"" + table + "\"");
        }
        if (!isPossible(user, password)) {
            return Answer.NOT_FOUND;
        }
        if (table.isEmpty()) {
            return switch (system.check(user, password)) {
                case FOUND -> new Answer.Found(user);
                case NOT_FOUND -> Answer.NOT_FOUND;
                case TEMPFAIL -> new Answer.Tempfail("system passwords cannot be checked");
            };
        }
        Table asked = tables.find(table);
        return asked.offers(TableService.AUTH)
                ? ask(asked, user, password)
                : compare(asked, user, password);
    }

    /// What no table and no program behind one must ever see: line breaks, NUL and other controls
    /// in a name, line breaks and NUL in a password (RFC 4616 §2: no NUL).
    private static boolean isPossible(String user, Secret password) {
        return isPossibleUser(user)
                && password.text().chars().noneMatch(c -> c == 0 || c == '\n' || c == '\r');
    }

    private static boolean isPossibleUser(String user) {
        return !user.isEmpty()
                && user.length() <= USER_MAX
                && user.chars().noneMatch(Character::isISOControl);
    }

    /// A key is `user:password`: a name with a colon would make another user's of it.
    private static Answer ask(Table table, String user, Secret password) {
        return user.indexOf(':') >= 0
                ? Answer.NOT_FOUND
                : table.check(TableService.AUTH, user + ":" + password.text());
    }

    private Answer compare(Table table, String user, Secret password) {
        return switch (table.lookup(TableService.CREDENTIALS, user)) {
            case Answer.Tempfail tempfail -> tempfail;
            case Answer.NotFound _ -> nobody(table, password);
            case Answer.Found(String value) -> {
                String hash = credential(value);
                yield isLocked(hash)
                        ? nobody(table, password)
                        : compare(table, user, hash, password);
            }
        };
    }

    /// What is stored of a password, behind the user's name if that is there too.
    private static String credential(String value) {
        return ScramKeys.isMeant(value) ? value : value.substring(value.indexOf(':') + 1);
    }

    /// Marks of accounts without a password (shadow(5)).
    private static boolean isLocked(String hash) {
        return hash.isEmpty() || hash.startsWith("*") || hash.startsWith("!");
    }

    private Answer compare(Table table, String user, String hash, Secret password) {
        return switch (fit(password, hash)) {
            case YES -> {
                lastHashes.put(table.name(), hash);
                yield new Answer.Found(user);
            }
            case NO -> {
                lastHashes.put(table.name(), hash);
                yield Answer.NOT_FOUND;
            }
            case NOT_NOW ->
                    new Answer.Tempfail(
                            "table " + table.name() + ": the hash of a user cannot be checked");
        };
    }

    private Answer nobody(Table table, Secret password) {
        String hash = lastHashes.getOrDefault(table.name(), hashes.decoy());
        return fit(password, hash) == Crypt.Fit.NOT_NOW
                ? new Answer.Tempfail("table " + table.name() + ": no hash can be checked now")
                : Answer.NOT_FOUND;
    }

    private Crypt.Fit fit(Secret password, String hash) {
        return work.call(() -> checked(password, hash), Crypt.Fit.NOT_NOW);
    }

    private Crypt.Fit checked(Secret password, String hash) {
        if (!ScramKeys.isMeant(hash)) {
            return hashes.check(password.text(), hash);
        }
        return ScramKeys.parse(hash)
                .map(keys -> keys.fits(password.text()) ? Crypt.Fit.YES : Crypt.Fit.NO)
                .orElse(Crypt.Fit.NOT_NOW);
    }

    /// What somebody needs to prove that it knows a user's password.
    ///
    /// @param table the listener's credentials
    public LkaToSmtp.ScramSalted salt(String table, String user) {
        return switch (keys(table, user)) {
            case Keys.Stored(ScramKeys keys) -> salted(keys);
            case Keys.None _ -> salted(decoy.keys(table, user, lastKeys.get(table)));
            case Keys.NotNow _ -> new LkaToSmtp.ScramSalted(LookupAnswer.TEMPFAIL, Bytes.EMPTY, 0);
        };
    }

    private static LkaToSmtp.ScramSalted salted(ScramKeys keys) {
        return new LkaToSmtp.ScramSalted(LookupAnswer.FOUND, keys.salt(), keys.iterations());
    }

    /// Whether somebody has proved that it knows a user's password.
    ///
    /// @param table the listener's credentials
    /// @param message what both sides said, `AuthMessage` of RFC 5802 §3
    public LkaToSmtp.ScramChecked prove(String table, String user, String message, Bytes proof) {
        return switch (keys(table, user)) {
            case Keys.Stored(ScramKeys keys) when keys.isProof(message, proof) ->
                    new LkaToSmtp.ScramChecked(LookupAnswer.FOUND, keys.signature(message));
            case Keys.Stored _ -> refused(LookupAnswer.NOT_FOUND);
            case Keys.None _ -> {
                // the same work as for somebody who has keys; nothing comes of it
                decoy.keys(table, user, lastKeys.get(table)).isProof(message, proof);
                yield refused(LookupAnswer.NOT_FOUND);
            }
            case Keys.NotNow _ -> refused(LookupAnswer.TEMPFAIL);
        };
    }

    private static LkaToSmtp.ScramChecked refused(LookupAnswer answer) {
        return new LkaToSmtp.ScramChecked(answer, Bytes.EMPTY);
    }

    /// What a table has of a user for SCRAM.
    private sealed interface Keys {
        record Stored(ScramKeys keys) implements Keys {}

        record None() implements Keys {}

        record NotNow() implements Keys {}
    }

    private Keys keys(String table, String user) {
        if (!permitted.contains(table) || table.isEmpty()) {
            return new Keys.NotNow();
        }
        if (!isPossibleUser(user)) {
            return new Keys.None();
        }
        return switch (tables.find(table).lookup(TableService.CREDENTIALS, user)) {
            case Answer.Tempfail _ -> new Keys.NotNow();
            case Answer.NotFound _ -> new Keys.None();
            case Answer.Found(String value) -> stored(table, credential(value));
        };
    }

    private Keys stored(String table, String stored) {
        if (!ScramKeys.isMeant(stored)) {
            return new Keys.None();
        }
        Optional<ScramKeys> keys = ScramKeys.parse(stored);
        keys.ifPresent(found -> lastKeys.put(table, found));
        return keys.<Keys>map(Keys.Stored::new).orElseGet(Keys.NotNow::new);
    }
}
