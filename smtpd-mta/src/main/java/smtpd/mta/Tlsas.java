package smtpd.mta;

import smtpd.core.imsg.Tlsa;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which TLSA records can be used, and for what (RFC 7672 §3.1, RFC 7671).
final class Tlsas {
    /// The issuer is given: a certificate under it must bear the host's name (RFC 7672 §3.1.2).
    static final int AUTHORITY = 2;

    /// The server's own certificate or key is given, and nothing else about it counts (RFC 7672
    /// §3.1.1).
    static final int OWN = 3;

    /// Selectors (RFC 6698 §2.1.2).
    static final int WHOLE = 0;

    static final int KEY = 1;

    /// Matching types (RFC 6698 §2.1.3).
    static final int FULL = 0;

    static final int SHA256 = 1;
    static final int SHA512 = 2;

    private static final int SHA256_LENGTH = 32;
    private static final int SHA512_LENGTH = 64;

    private Tlsas() {}

    /// Those that can be used. For SMTP, usages 0 and 1 cannot (RFC 7672 §3.1.3); nor can numbers
    /// nobody has assigned, and digests of a wrong length. Of digests of the same thing only the
    /// strongest count (RFC 7671 §9).
    static List<Tlsa> usable(List<Tlsa> records) {
        List<Tlsa> sound = records.stream().filter(Tlsas::isSound).distinct().toList();
        Map<String, Integer> strongest = new LinkedHashMap<>();
        for (Tlsa record : sound) {
            strongest.merge(subject(record), record.matching(), Math::max);
        }
        return sound.stream()
                .filter(record ->
                        record.matching() == FULL
                                || strongest.getOrDefault(subject(record), 0) == record.matching())
                .toList();
    }

    private static String subject(Tlsa record) {
        return record.usage() + " " + record.selector();
    }

    private static boolean isSound(Tlsa record) {
        boolean known =
                (record.usage() == AUTHORITY || record.usage() == OWN)
                        && (record.selector() == WHOLE || record.selector() == KEY);
        int length = record.data().length();
        return known
                && switch (record.matching()) {
                    case FULL -> length > 0;
                    case SHA256 -> length == SHA256_LENGTH;
                    case SHA512 -> length == SHA512_LENGTH;
                    default -> false;
                };
    }

    static boolean speaksOfAuthority(List<Tlsa> records) {
        return records.stream().anyMatch(record -> record.usage() == AUTHORITY);
    }
}
