package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The reserved words of the language, and the search for the word that was probably meant.
///
/// A reserved word used as a name must be quoted. OpenSMTPD: the same set, so that a configuration
/// which needs no quotes there needs none here; our own directives are therefore not reserved.
public final class Keywords {
    /// Reserved words, sorted.
    private static final Set<String> WORDS =
            Collections.unmodifiableSet(
                    new TreeSet<>(
                            List.of(
                                    """
                                    action admd alias any auth auth-optional backup bounce bypass
                                    ca cert chain chroot ciphers commit compression connect data
                                    data-line dhe disconnect domain ehlo encryption expand-only
                                    fcrdns filter for forward-only from group helo helo-src host
                                    hostname hostnames include inet4 inet6 junk key limit listen
                                    lmtp local mail-from maildir mask-src masquerade match
                                    max-deferred max-message-size mbox mda mta mx no-dsn no-verify
                                    noop on phase pki port proc proc-exec protocols proxy-v2 queue
                                    quit rcpt-to rdns received-auth recipient regex reject relay
                                    report rewrite rset scheduler senders smtp smtp-in smtp-out
                                    smtps socket src srs sub-addr-delim table tag tagged tls
                                    tls-require ttl user userbase verify virtual warn-interval
                                    wrapper
                                    """
                                            .strip()
                                            .split("\\s+"))));

    /// Words that begin a directive.
    static final List<String> DIRECTIVES =
            List.of(
                    "action",
                    "admd",
                    "bounce",
                    "ca",
                    "filter",
                    "include",
                    "listen",
                    "match",
                    "mda",
                    "mta",
                    "pki",
                    "proc",
                    "queue",
                    "sandbox",
                    "scheduler",
                    "smtp",
                    "srs",
                    "statistics",
                    "table");

    private Keywords() {}

    /// The reserved words, sorted.
    public static Set<String> all() {
        return WORDS;
    }

    static boolean isReserved(String word) {
        return WORDS.contains(word);
    }

    /// The candidate nearest to a word, null when none is near: at most one edit for every three
    /// characters.
    static @Nullable String near(String word, Collection<String> candidates) {
        String best = null;
        int least = Math.max(1, word.length() / 3) + 1;
        for (String candidate : candidates) {
            int distance = distance(word, candidate);
            if (distance > 0 && distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best;
    }

    /// Edits (insert, remove, replace, swap neighbours) that lead from one word to the other.
    private static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int least = Math.min(cost[i - 1][j], cost[i][j - 1]) + 1;
                least = Math.min(least, cost[i - 1][j - 1] + same);
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    least = Math.min(least, cost[i - 2][j - 2] + 1);
                }
                cost[i][j] = least;
            }
        }
        return cost[a.length()][b.length()];
    }
}
