package smtpd.lka.auth;

import smtpd.core.sys.Crypt;

/// Who computes password hashes. Takes the processor for as long as a hash asks for.
public interface Hashes {
    /// Whether a password is that of a stored hash.
    Crypt.Fit check(String password, String stored);

    /// A hash of a usual cost that no password fits.
    String decoy();

    /// The system's libcrypt, and argon2.
    static Hashes ofTheSystem() {
        return new SystemHashes();
    }
}
