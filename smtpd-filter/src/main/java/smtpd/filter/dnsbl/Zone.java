package smtpd.filter.dnsbl;

import org.jspecify.annotations.Nullable;

import smtpd.filter.Daemon;
import smtpd.filter.DnsAnswer;
import smtpd.filter.DnsType;
import smtpd.filter.Text;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// One list, and whether it is to be believed.
///
/// A list has entries to test it with (RFC 5782 §5): one that is always listed and one that never
/// is. A list that has gone out of service answers everything, or nothing, or with addresses that
/// are no codes; it is switched off, said so in the log, and tested again later. While nothing is
/// known of a list, because DNS does not answer, it is not asked.
final class Zone {
    /// How long a test is good for.
    static final Duration TESTED = Duration.ofHours(1);

    /// After how long a test is tried again that DNS did not answer.
    static final Duration RETRY = Duration.ofMinutes(1);

    /// `::ffff:127.0.0.2` (RFC 5782 §5).
    private static final String V6_LISTED =
            "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.";

    private static final int SHOWN_MAX = 100;

    private final String name;
    private final boolean ofAddresses;
    private final boolean tested;
    private final Cache cache;
    private CompletableFuture<Health> health = CompletableFuture.completedFuture(Health.UNKNOWN);
    private @Nullable CompletableFuture<Health> testing;
    private Instant testAgain = Instant.MIN;
    private boolean refusalTold;

    /// What is known of a list.
    enum Health {
        /// It is in order.
        GOOD,
        /// It is in order, and has no IPv6 addresses.
        GOOD_V4,
        /// It is not to be believed.
        OFF,
        /// DNS has not told.
        UNKNOWN
    }

    /// @param ofAddresses whether it lists addresses, not names
    /// @param tested whether it must have its test entries
    Zone(String name, boolean ofAddresses, boolean tested, Cache cache) {
        this.name = name;
        this.ofAddresses = ofAddresses;
        this.tested = tested;
        this.cache = cache;
    }

    String name() {
        return name;
    }

    /// What the list says. The future never fails.
    ///
    /// @param isV6 whether it is an IPv6 address
    CompletableFuture<Listing> ask(Daemon daemon, String subject, boolean isV6) {
        return health(daemon)
                .thenCompose(known ->
                        known == Health.GOOD || (known == Health.GOOD_V4 && !isV6)
                                ? lookup(daemon, subject + "." + name)
                                : CompletableFuture.completedFuture(unasked(known)));
    }

    private static Listing unasked(Health known) {
        return known == Health.GOOD_V4 ? new Listing.NotListed() : new Listing.Unknown();
    }

    private CompletableFuture<Listing> lookup(Daemon daemon, String question) {
        Instant now = daemon.now();
        CompletableFuture<Listing> known = cache.get(question, now);
        if (known != null) {
            return known;
        }
        CompletableFuture<Listing> asked = new CompletableFuture<>();
        cache.put(question, asked, now);
        CompletableFuture<Void> _ =
                daemon.dns(DnsType.A, question)
                        .thenAccept(answer -> {
                            Listing listing = listing(daemon, answer);
                            if (listing instanceof Listing.Unknown) {
                                cache.forget(question);
                            }
                            asked.complete(listing);
                        });
        return asked;
    }

    private Listing listing(Daemon daemon, DnsAnswer answer) {
        return switch (answer) {
            case DnsAnswer.None() -> new Listing.NotListed();
            case DnsAnswer.Failed _ -> new Listing.Unknown();
            case DnsAnswer.Found(List<String> codes) -> {
                if (!areCodes(codes)) {
                    switchOff(daemon, "it answers " + Text.printable(codes + "", SHOWN_MAX));
                    yield new Listing.Unknown();
                }
                if (codes.stream().allMatch(code -> code.startsWith("127.255.255."))) {
                    tellRefusal(daemon, codes);
                    yield new Listing.Unknown();
                }
                yield new Listing.Listed(codes);
            }
        };
    }

    private static boolean areCodes(List<String> codes) {
        return codes.stream().allMatch(code -> code.startsWith("127."));
    }

    private synchronized void tellRefusal(Daemon daemon, List<String> codes) {
        if (!refusalTold) {
            refusalTold = true;
            daemon.log("list " + name + " refuses to be asked: " + codes);
        }
    }

    private synchronized void switchOff(Daemon daemon, String why) {
        if (health.getNow(Health.UNKNOWN) != Health.OFF) {
            daemon.log("list " + name + " is switched off: " + why);
        }
        health = CompletableFuture.completedFuture(Health.OFF);
        testAgain = daemon.now().plus(TESTED);
    }

    /// What is known of the list; the first time, what will be. Later tests keep nobody waiting.
    synchronized CompletableFuture<Health> health(Daemon daemon) {
        if (!tested && health.getNow(Health.UNKNOWN) == Health.UNKNOWN) {
            health = CompletableFuture.completedFuture(Health.GOOD);
            testAgain = Instant.MAX;
        }
        if (testing == null && !daemon.now().isBefore(testAgain)) {
            boolean isFirst = testAgain.equals(Instant.MIN);
            testAgain = daemon.now().plus(TESTED);
            CompletableFuture<Health> begun = new CompletableFuture<>();
            testing = begun;
            if (isFirst) {
                health = begun;
            }
            CompletableFuture<Void> _ =
                    (tested ? test(daemon) : CompletableFuture.completedFuture(Health.GOOD))
                            .thenAccept(found -> {
                                settle(daemon, found);
                                begun.complete(found);
                            });
        }
        return health;
    }

    private synchronized void settle(Daemon daemon, Health found) {
        Health before = health.getNow(Health.UNKNOWN);
        testing = null;
        if (found == Health.UNKNOWN) {
            testAgain = daemon.now().plus(RETRY);
            if (before != Health.UNKNOWN) {
                return;
            }
            daemon.log("list " + name + " is not asked: DNS does not tell whether it is in order");
        } else if (before == Health.OFF && found != Health.OFF) {
            daemon.log("list " + name + " is in order again");
        }
        health = CompletableFuture.completedFuture(found);
    }

    private CompletableFuture<Health> test(Daemon daemon) {
        String listed = ofAddresses ? "2.0.0.127." : "test.";
        String never = ofAddresses ? "1.0.0.127." : "invalid.";
        CompletableFuture<DnsAnswer> first = daemon.dns(DnsType.A, listed + name);
        CompletableFuture<DnsAnswer> second = daemon.dns(DnsType.A, never + name);
        CompletableFuture<DnsAnswer> third =
                ofAddresses
                        ? daemon.dns(DnsType.A, V6_LISTED + name)
                        : CompletableFuture.completedFuture(new DnsAnswer.None());
        return first.thenCombine(second, (yes, no) -> judge(daemon, yes, no))
                .thenCombine(
                        third,
                        (health4, yes) ->
                                health4 == Health.GOOD_V4
                                                && (yes instanceof DnsAnswer.Found || !ofAddresses)
                                        ? Health.GOOD
                                        : health4);
    }

    private Health judge(Daemon daemon, DnsAnswer listed, DnsAnswer never) {
        if (listed instanceof DnsAnswer.Failed || never instanceof DnsAnswer.Failed) {
            return Health.UNKNOWN;
        }
        String wrong = "";
        if (never instanceof DnsAnswer.Found) {
            wrong = "it lists what it must not";
        } else if (listed instanceof DnsAnswer.None) {
            wrong = "it does not have its test entry";
        } else if (!areCodes(listed.values())) {
            wrong = "it answers " + Text.printable(listed.values() + "", SHOWN_MAX);
        }
        if (wrong.isEmpty()) {
            return Health.GOOD_V4;
        }
        switchOff(daemon, wrong);
        return Health.OFF;
    }
}
