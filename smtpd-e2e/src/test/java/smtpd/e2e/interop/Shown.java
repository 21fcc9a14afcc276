package smtpd.e2e.interop;

import smtpd.testkit.tls.TestCa;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;

/// What a next hop shows of itself at one of its ports when it is asked for TLS.
enum Shown {
    GOOD,
    EXPIRED,
    SELF_SIGNED,
    WRONG_NAME,
    /// It has no TLS.
    NOTHING;

    /// As part of a file name or a domain.
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The certificate below a folder.
    Path certificate(Path folder) {
        return folder.resolve(word() + ".crt");
    }

    /// Its key.
    Path key(Path folder) {
        return folder.resolve(word() + ".key");
    }

    /// Writes certificates and keys for a host. The keys are RSA: GnuTLS does not read the JDK's
    /// form of the others.
    ///
    /// @param names of the host, which all certificates but the last bear
    /// @return the one that only its own key has signed
    static TestCa.Identity writeTo(Path folder, TestCa ca, Instant now, String... names)
            throws IOException {
        Files.createDirectories(folder);
        TestCa.Identity own = TestCa.selfSigned(TestCa.Kind.RSA, now, names);
        ca.issue(TestCa.Kind.RSA, now, names).writeTo(folder, GOOD.word());
        ca.expired(TestCa.Kind.RSA, now, names).writeTo(folder, EXPIRED.word());
        own.writeTo(folder, SELF_SIGNED.word());
        ca.issue(TestCa.Kind.RSA, now, "other.test").writeTo(folder, WRONG_NAME.word());
        return own;
    }
}
