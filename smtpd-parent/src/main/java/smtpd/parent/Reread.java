package smtpd.parent;

import smtpd.core.conf.ConfEnvironment;
import smtpd.core.conf.Config;
import smtpd.core.mail.Bytes;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The files of `pki` and `ca` read again while the daemon runs. Each is looked at as at the start,
/// and one by one: what cannot be used remains as it was.
///
/// @param files what is to be used from now on
/// @param findings what became of each
record Reread(PkiFiles files, List<Finding> findings) {
    /// What became of one of them.
    ///
    /// @param subject `pki NAME` or `ca NAME`
    /// @param kind in a word
    /// @param text until when it is good, or why it is kept
    record Finding(String subject, Kind kind, String text) {
        /// What becomes of what is read again.
        enum Kind {
            /// The files hold something else than before, which is good.
            RENEWED,
            /// They hold what they held.
            UNCHANGED,
            /// They hold nothing that can be used: what they held before is in use.
            KEPT
        }

        boolean isKept() {
            return kind == Kind.KEPT;
        }

        /// The finding as a line.
        String line() {
            return subject
                    + ": "
                    + kind.name().toLowerCase(Locale.ROOT)
                    + (text.isEmpty() ? "" : (isKept() ? " as it was: " : ", ") + text);
        }
    }

    Reread {
        findings = List.copyOf(findings);
    }

    /// Reads them.
    ///
    /// @param config names the files
    /// @param old what they held before
    /// @param environment tells what is wrong with a file
    /// @param now a certificate that is not good at this time is not taken
    static Reread of(Config config, PkiFiles old, ConfEnvironment environment, Instant now) {
        List<Finding> findings = new ArrayList<>();
        Map<String, PkiFiles.Pair> pkis = new LinkedHashMap<>(old.pkis());
        for (Config.Pki pki : config.certificates().pkis().values()) {
            String subject = "pki " + pki.name();
            try {
                PkiFiles.Pair before = old.pkis().get(pki.name());
                PkiFiles.Pair pair = pair(pki, environment);
                boolean same = pair.equals(before);
                if (!same) {
                    mustBeGood(pair.chain().getFirst(), now);
                }
                pkis.put(pki.name(), pair);
                findings.add(finding(subject, same, until(pair.chain().getFirst(), now)));
            } catch (IOException e) {
                findings.add(kept(subject, e));
            }
        }
        Map<String, List<Bytes>> anchors = new LinkedHashMap<>(old.anchors());
        for (Config.Ca ca : config.certificates().cas().values()) {
            String subject = "ca " + ca.name();
            try {
                mustBeFine(environment.certificateProblem(ca.cert()));
                List<Bytes> ders = PkiFiles.anchors(ca);
                boolean same = ders.equals(old.anchors().get(ca.name()));
                anchors.put(ca.name(), ders);
                findings.add(finding(subject, same, ""));
            } catch (IOException e) {
                findings.add(kept(subject, e));
            }
        }
        return new Reread(new PkiFiles(pkis, anchors), findings);
    }

    private static PkiFiles.Pair pair(Config.Pki pki, ConfEnvironment environment)
            throws IOException {
        mustBeFine(environment.certificateProblem(pki.cert()));
        mustBeFine(environment.keyProblem(pki.key()));
        return PkiFiles.pair(pki);
    }

    private static void mustBeFine(@org.jspecify.annotations.Nullable String problem)
            throws IOException {
        if (problem != null) {
            throw new IOException(problem);
        }
    }

    private static void mustBeGood(X509Certificate certificate, Instant now) throws IOException {
        if (now.isAfter(certificate.getNotAfter().toInstant())) {
            throw new IOException(
                    "the certificate expired on " + date(certificate.getNotAfter().toInstant()));
        }
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            throw new IOException(
                    "the certificate is not good before " + certificate.getNotBefore().toInstant());
        }
    }

    private static Finding finding(String subject, boolean same, String text) {
        return new Finding(subject, same ? Finding.Kind.UNCHANGED : Finding.Kind.RENEWED, text);
    }

    private static Finding kept(String subject, IOException why) {
        String reason = String.valueOf(why.getMessage());
        String again = subject + ": ";
        return new Finding(
                subject,
                Finding.Kind.KEPT,
                reason.startsWith(again) ? reason.substring(again.length()) : reason);
    }

    private static String until(X509Certificate certificate, Instant now) {
        Instant end = certificate.getNotAfter().toInstant();
        return (now.isAfter(end) ? "expired on " : "good until ") + date(end);
    }

    private static LocalDate date(Instant instant) {
        return LocalDate.ofInstant(instant, ZoneOffset.UTC);
    }
}
