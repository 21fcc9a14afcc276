package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.LookupAnswer;
import smtpd.core.mail.Secret;
import smtpd.core.sys.Crypt;
import smtpd.core.sys.Shadow;
import smtpd.core.sys.ShadowEntry;
import smtpd.core.sys.SysException;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// The passwords of this machine's users, which only root may check (shadow(5)).
///
/// Unknown, locked and expired users are "no" like those with another password, and take as long:
/// for them a hash of the usual cost is computed that nothing fits. OpenSMTPD asks PAM or BSD
/// authentication where it has them.
final class SystemPasswords {
    private static final Logger LOG = LoggerFactory.getLogger(SystemPasswords.class);

    private final Database database;
    private final Hashing hashing;
    private final InstantSource clock;
    private final AtomicBoolean complained = new AtomicBoolean();

    /// Where stored hashes come from.
    @FunctionalInterface
    interface Database {
        /// The entry of a user.
        Optional<ShadowEntry> byName(String name) throws SysException;
    }

    /// Who computes hashes.
    interface Hashing {
        /// Whether a password is that of a stored hash.
        Crypt.Fit check(String password, String stored);

        /// A setting that no password fits.
        String decoy();
    }

    SystemPasswords(Database database, Hashing hashing, InstantSource clock) {
        this.database = database;
        this.hashing = hashing;
        this.clock = clock;
    }

    /// The system's own.
    static SystemPasswords ofTheSystem() {
        return new SystemPasswords(
                Shadow::byName,
                new Hashing() {
                    @Override
                    public Crypt.Fit check(String password, String stored) {
                        return Crypt.check(password, stored);
                    }

                    @Override
                    public String decoy() {
                        return Crypt.newSetting();
                    }
                },
                InstantSource.system());
    }

    /// Whether the password is that user's: found, not found, not now. Takes as long as a hash
    /// does.
    LookupAnswer check(String user, Secret password) {
        try {
            String hash =
                    database.byName(user)
                            .filter(this::isOpen)
                            .map(ShadowEntry::hash)
                            .orElseGet(hashing::decoy);
            return switch (hashing.check(password.text(), hash)) {
                case YES -> LookupAnswer.FOUND;
                case NO -> LookupAnswer.NOT_FOUND;
                case NOT_NOW -> notNow("no libcrypt, or a hash it cannot check");
            };
        } catch (SysException e) {
            return notNow(String.valueOf(e.getMessage()));
        }
    }

    /// Once, and not for every guess of a client.
    private LookupAnswer notNow(String why) {
        if (complained.compareAndSet(false, true)) {
            LOG.warn("warn: system passwords cannot be checked: {}", why);
        }
        return LookupAnswer.TEMPFAIL;
    }

    private boolean isOpen(ShadowEntry entry) {
        String hash = entry.hash();
        boolean locked = hash.isEmpty() || hash.startsWith("!") || hash.startsWith("*");
        long today = clock.instant().getEpochSecond() / Duration.ofDays(1).toSeconds();
        boolean expired = entry.expires() >= 0 && today >= entry.expires();
        return !locked && !expired;
    }
}
