package smtpd.lka.auth;

import smtpd.core.sys.Crypt;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// Argon2 by Bouncy Castle, everything else by the system's libcrypt.
///
/// Argon2 works in the heap: one computation at a time, so that its memory is that of one
/// ([Argon2Hash#MEMORY_MAX]).
final class SystemHashes implements Hashes {
    private final ReentrantLock argon2 = new ReentrantLock(true);

    @Override
    public Crypt.Fit check(String password, String stored) {
        if (!stored.startsWith(Argon2Hash.PREFIX)) {
            return Crypt.check(password, stored);
        }
        Optional<Argon2Hash> hash = Argon2Hash.parse(stored);
        if (hash.isEmpty()) {
            return Crypt.Fit.NOT_NOW;
        }
        argon2.lock();
        try {
            return hash.get().fits(password) ? Crypt.Fit.YES : Crypt.Fit.NO;
        } finally {
            argon2.unlock();
        }
    }

    @Override
    public String decoy() {
        return Crypt.newSetting();
    }
}
