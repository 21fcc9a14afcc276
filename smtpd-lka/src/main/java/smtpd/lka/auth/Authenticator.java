package smtpd.lka.auth;

import smtpd.core.imsg.TableService;
import smtpd.core.mail.Secret;
import smtpd.core.proc.SlowWork;
import smtpd.core.sys.Crypt;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Table;
import smtpd.lka.table.Tables;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Says whether a client's password fits.
///
/// A table that checks passwords itself is asked to; any other is asked for the user's credentials,
/// `hash` or `user:hash`, and the hash is checked here. Without a table the system's users count.
/// An unknown user, a locked one and a wrong password are all "no" and take about the same time:
/// for somebody who has no hash another one is computed, of the cost that table's last hash had.
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
        return !user.isEmpty()
                && user.length() <= USER_MAX
                && user.chars().noneMatch(Character::isISOControl)
                && password.text().chars().noneMatch(c -> c == 0 || c == '\n' || c == '\r');
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
                String hash = value.substring(value.indexOf(':') + 1);
                yield isLocked(hash)
                        ? nobody(table, password)
                        : compare(table, user, hash, password);
            }
        };
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
        return work.call(() -> hashes.check(password.text(), hash), Crypt.Fit.NOT_NOW);
    }
}
