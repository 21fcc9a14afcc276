package smtpd.core.tls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/// Reads a list of ciphers in OpenSSL's language (openssl-ciphers(1)), such as `HIGH:!aNULL` or
/// `ECDHE-RSA-AES256-GCM-SHA384`, or one of libtls's words `secure`, `compat`, `legacy`, `all`.
///
/// What OpenSSL knows and we never use (RC4, RSA key exchange, export ciphers, …) may stand in a
/// list and matches nothing; so may anything after a `!`, as with OpenSSL. Suites of TLS 1.3 are in
/// force unless the list names some of them: then only those are.
public final class Ciphers {
    /// What is used unless something else is configured (RFC 9325 §4.2).
    public static final String SECURE = "ECDHE+AEAD:DHE+AEAD";

    /// Names of what we never use, and of which nobody need be told.
    private static final Set<String> NEVER =
            Set.of(
                    ("NULL eNULL aNULL LOW MEDIUM EXP EXPORT EXPORT40 EXPORT56 RSA kRSA aDSS DSS"
                                    + " kDH kDHr kDHd aDH kECDHr kECDHe kECDH aECDH ADH AECDH DES"
                                    + " 3DES RC2 RC4 IDEA SEED CAMELLIA CAMELLIA128 CAMELLIA256"
                                    + " ARIA ARIA128 ARIA256 ARIAGCM AESCCM AESCCM8 CBC3 MD5 GOST"
                                    + " aGOST aGOST01 kGOST kGOST18 GOST89 GOST94 GOST12 GOST89MAC"
                                    + " GOST2012 KRB5 PSK kPSK aPSK kECDHEPSK kDHEPSK kEDHPSK"
                                    + " kEECDHPSK kRSAPSK SRP kSRP aSRP SSLv2 FZA aFZA kFZA eFZA"
                                    + " STREEBOG256 STREEBOG512")
                            .split(" "));

    private Ciphers() {}

    /// The names in the registry of TLS of the suites a list stands for, the preferred first.
    ///
    /// @throws IllegalArgumentException saying what is wrong: an unknown name, or nothing left
    public static List<String> parse(String list) {
        List<Suite> old = new ArrayList<>();
        Set<Suite> dead = new LinkedHashSet<>();
        Set<Suite> modern = new LinkedHashSet<>();
        for (String word : expand(list).split("[:, ;]+", -1)) {
            if (!word.isEmpty()) {
                apply(word, old, dead, modern);
            }
        }
        List<Suite> chosen = new ArrayList<>(modern);
        if (modern.isEmpty()) {
            Suite.ALL.stream().filter(Suite::isModern).forEach(chosen::add);
        }
        chosen.addAll(old);
        if (old.isEmpty() && modern.isEmpty()) {
            throw new IllegalArgumentException("no cipher that this server has: " + list);
        }
        return chosen.stream().map(Suite::name).toList();
    }

    private static String expand(String list) {
        return switch (list.toLowerCase(Locale.ROOT)) {
            case "", "secure", "default" -> SECURE;
            case "compat" -> "HIGH:!aNULL";
            case "legacy" -> "HIGH:MEDIUM:!aNULL";
            case "all", "insecure" -> "ALL:!aNULL:!eNULL";
            default -> list;
        };
    }

    private static void apply(String word, List<Suite> old, Set<Suite> dead, Set<Suite> modern) {
        char operator = word.charAt(0);
        if (operator == '@') {
            command(word, old);
            return;
        }
        boolean plain = operator != '!' && operator != '-' && operator != '+';
        String expression = plain ? word : word.substring(1);
        if (operator == '!' && !isKnown(expression)) {
            // what is never used is excluded under any name
            return;
        }
        Predicate<Suite> matches = expression(expression);
        List<Suite> matching = Suite.ALL.stream().filter(matches).toList();
        switch (operator) {
            case '!' -> {
                dead.addAll(matching);
                old.removeAll(matching);
                modern.removeAll(matching);
            }
            case '-' -> old.removeAll(matching);
            case '+' -> {
                List<Suite> moved = old.stream().filter(matches).toList();
                old.removeAll(moved);
                old.addAll(moved);
            }
            default ->
                    matching.stream()
                            .filter(suite -> !dead.contains(suite) && !old.contains(suite))
                            .forEach(suite -> (suite.isModern() ? modern : old).add(suite));
        }
    }

    private static boolean isKnown(String expression) {
        try {
            return expression(expression) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void command(String word, List<Suite> old) {
        if (word.equals("@STRENGTH")) {
            old.sort((one, other) -> other.bits() - one.bits());
        } else if (!word.matches("@SECLEVEL=[0-5]")) {
            throw new IllegalArgumentException("unknown cipher command: " + word);
        }
    }

    private static Predicate<Suite> expression(String expression) {
        List<Predicate<Suite>> parts =
                Arrays.stream(expression.split("[+]", -1)).map(Ciphers::one).toList();
        return suite -> parts.stream().allMatch(part -> part.test(suite));
    }

    /// What one name stands for. Groups are of suites of TLS 1.2 and before: those of TLS 1.3 go by
    /// their own names only.
    private static Predicate<Suite> one(String name) {
        if (Suite.of(name).isPresent()) {
            return suite -> suite.name().equals(name) || suite.openssl().equals(name);
        }
        if (NEVER.contains(name) || looksLikeSuite(name)) {
            return _ -> false;
        }
        Predicate<Suite> group = group(name);
        return suite -> !suite.isModern() && group.test(suite);
    }

    private static Predicate<Suite> group(String name) {
        return switch (name) {
            case "ALL", "HIGH", "FIPS", "COMPLEMENTOFDEFAULT" -> _ -> true;
            case "DEFAULT", "AEAD", "SUITEB128", "SUITEB128ONLY", "SUITEB192" ->
                    suite -> suite.mac().equals("AEAD");
            case "COMPLEMENTOFALL" -> _ -> false;
            case "TLSv1.2" -> suite -> !suite.mac().equals("SHA1");
            case "TLSv1", "TLSv1.0", "TLSv1.1", "SSLv3" -> suite -> suite.mac().equals("SHA1");
            case "ECDHE", "EECDH", "kECDHE", "kEECDH", "ECDH" ->
                    suite -> suite.exchange().equals("ECDHE");
            case "DHE", "EDH", "kDHE", "kEDH", "DH" -> suite -> suite.exchange().equals("DHE");
            case "aRSA" -> suite -> suite.signature().equals("RSA");
            case "aECDSA", "ECDSA" -> suite -> suite.signature().equals("ECDSA");
            case "AESGCM", "CHACHA20" -> suite -> suite.cipher().equals(name);
            case "AES" -> suite -> !suite.cipher().equals("CHACHA20");
            case "AES128", "AES256" ->
                    suite ->
                            !suite.cipher().equals("CHACHA20")
                                    && suite.bits() == Integer.parseInt(name.substring(3));
            case "SHA", "SHA1" -> suite -> suite.mac().equals("SHA1");
            case "SHA256", "SHA384" -> suite -> suite.mac().equals(name);
            default -> throw new IllegalArgumentException("unknown cipher: " + name);
        };
    }

    /// Whether a name has the form of a suite of OpenSSL's made of parts that exist.
    private static boolean looksLikeSuite(String name) {
        if (name.startsWith("TLS_")) {
            return name.matches("TLS_[A-Z0-9]+(_[A-Z0-9]+)*_(SHA|SHA256|SHA384|MD5|CCM|CCM_8)");
        }
        return name.contains("-")
                && name.matches(
                        "((ECDHE|DHE|EDH|ECDH|ADH|AECDH|RSA|PSK|SRP|DH|EXP|EXP1024|IANA|GOST2001|GOST2012)-)*"
                            + "((ECDSA|RSA|DSS|PSK|AES[0-9]+|ARIA[0-9]+|CAMELLIA[0-9]+|CHACHA20|DES|RC[24]|IDEA|SEED|NULL|GOST89|KUZNYECHIK|CBC|CBC3|GCM|CCM8?|POLY1305|EDE|3DES|GOST94|GOST12)-)*"
                            + "(SHA|SHA1|SHA256|SHA384|MD5|CCM|CCM8|POLY1305)");
    }
}
