package smtpd.mta;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Family;
import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.MxHost;
import smtpd.core.imsg.StsRecord;
import smtpd.core.imsg.TableService;
import smtpd.core.mail.MailAddr;
import smtpd.core.proc.Agenda;
import smtpd.core.proc.Peer;
import smtpd.core.proc.Peer.Answer;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// Asks lka on behalf of relays: hosts of domains, reverse names, source addresses, relay hosts.
///
/// Where lka is down or slow, what waits goes on waiting for [#LKA_PATIENCE], and is then deferred:
/// "not now" is never "no".
final class Resolver {
    /// How long one question may take; DNS itself gives up well before.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// A reverse name is only for the log: nobody waits long for it.
    private static final Duration PTR_PATIENCE = Duration.ofSeconds(5);

    /// When lka did not answer, it is asked again after this.
    static final Duration LKA_RETRY = Duration.ofSeconds(2);

    /// How long lka may fail to answer before what waits is deferred.
    static final Duration LKA_PATIENCE = Duration.ofSeconds(60);

    private final Peer<MtaToLka, LkaToMta> lka;
    private final Agenda agenda;
    private final String hostname;
    private final Shuffle shuffle;

    /// Puts hosts of equal preference in a random order (RFC 5321 §5.1).
    interface Shuffle {
        void shuffle(List<?> list);
    }

    /// What a domain's lookup came to.
    sealed interface Found {
        /// Hosts, lowest preference first, at least one with an address; those without count when
        /// our own preference is looked for.
        ///
        /// @param sts whether the domain has a policy about them
        record Hosts(List<MxHost> hosts, StsRecord sts) implements Found {}

        /// None.
        record None(Failure failure) implements Found {}
    }

    /// What a table's lookup came to.
    sealed interface Entry {
        /// An entry.
        record Value(String value) implements Entry {}

        /// None.
        record Absent() implements Entry {}

        /// Not now.
        record NotNow() implements Entry {}
    }

    Resolver(Peer<MtaToLka, LkaToMta> lka, Agenda agenda, String hostname, Shuffle shuffle) {
        this.lka = lka;
        this.agenda = agenda;
        this.hostname = hostname;
        this.shuffle = shuffle;
    }

    /// Finds the hosts of a domain.
    void hosts(Domain domain, Consumer<Found> then) {
        String literal = literal(domain.name);
        if (!literal.isEmpty()) {
            MxHost itself = new MxHost(domain.name, 0, List.of(literal));
            then.accept(new Found.Hosts(List.of(itself), StsRecord.NONE));
            return;
        }
        if (domain.name.startsWith("[")) {
            then.accept(new Found.None(Failure.INVALID_DOMAIN));
            return;
        }
        MtaToLka question =
                switch (domain.kind) {
                    case MX, HOST_MX -> new MtaToLka.LookupMx(domain.name);
                    case HOST -> new MtaToLka.LookupHost(domain.name, domain.port);
                };
        ask(question, agenda.now(), answer -> then.accept(found(domain, answer)));
    }

    /// Asks until there is an answer or patience is at its end; then with "lost".
    private void ask(MtaToLka question, Instant since, Consumer<Answer<LkaToMta>> then) {
        lka.ask(
                question,
                PATIENCE,
                answer -> {
                    boolean lost = answer instanceof Answer.Lost;
                    if (lost && agenda.now().isBefore(since.plus(LKA_PATIENCE))) {
                        agenda.after(LKA_RETRY, () -> ask(question, since, then));
                    } else {
                        then.accept(answer);
                    }
                });
    }

    private static Found found(Domain domain, Answer<LkaToMta> answer) {
        if (answer instanceof Answer.Got<LkaToMta> got) {
            if (got.message() instanceof LkaToMta.MxResult mx) {
                return mx.answer() == DnsAnswer.FOUND
                        ? withAddresses(domain, certified(domain, mx.hosts()), mx.sts())
                        : none(domain, mx.answer());
            }
            if (got.message() instanceof LkaToMta.HostResult host) {
                return host.answer() == DnsAnswer.FOUND
                        ? withAddresses(
                                domain,
                                List.of(new MxHost(domain.name, 0, host.addresses(), host.dane())),
                                StsRecord.NONE)
                        : none(domain, host.answer());
            }
        }
        return new Found.None(Failure.DNS);
    }

    /// What DNS says of certificates of exchangers is for port 25 (RFC 7672 §2.2).
    private static List<MxHost> certified(Domain domain, List<MxHost> hosts) {
        return domain.port == Scheme.SMTP.port()
                ? hosts
                : hosts.stream()
                        .map(it -> new MxHost(it.name(), it.preference(), it.addresses()))
                        .toList();
    }

    private static Found withAddresses(Domain domain, List<MxHost> hosts, StsRecord sts) {
        boolean usable = hosts.stream().anyMatch(host -> !host.addresses().isEmpty());
        return usable ? new Found.Hosts(hosts, sts) : none(domain, DnsAnswer.NO_ADDRESS);
    }

    /// A relay host is the operator's word, and may be mended: only a mail domain can be wrong for
    /// good.
    private static Found none(Domain domain, DnsAnswer answer) {
        boolean mx = domain.kind == RelayKey.Kind.MX;
        return new Found.None(
                switch (answer) {
                    case NO_DOMAIN -> mx ? Failure.NO_DOMAIN : Failure.NO_HOST;
                    case INVALID -> mx ? Failure.INVALID_DOMAIN : Failure.NO_HOST;
                    case NULL_MX -> mx ? Failure.NULL_MX : Failure.NO_HOST;
                    case NO_ADDRESS -> mx ? Failure.NO_MX : Failure.NO_HOST;
                    case FOUND, TEMPFAIL -> Failure.DNS;
                });
    }

    /// The address that a literal stands for: `[192.0.2.1]`, `[IPv6:2001:db8::1]`, or for a relay
    /// host without brackets; empty for a name.
    static String literal(String name) {
        String text = name;
        if (text.startsWith("[") && text.endsWith("]")) {
            text = text.substring(1, text.length() - 1);
            if (text.toLowerCase(Locale.ROOT).startsWith("ipv6:")) {
                text = text.substring("ipv6:".length());
            }
        }
        boolean candidate = text.indexOf(':') >= 0 || text.chars().allMatch(Resolver::isIpv4Char);
        if (!candidate || text.isEmpty() || text.indexOf('%') >= 0) {
            return "";
        }
        try {
            return InetAddress.ofLiteral(text).getHostAddress();
        } catch (IllegalArgumentException _) {
            return "";
        }
    }

    private static boolean isIpv4Char(int c) {
        return c == '.' || (c >= '0' && c <= '9');
    }

    /// The hosts a relay may use, in the order they are tried: those preferred to ourselves (RFC
    /// 5321 §5.1) or to the name of `backup mx`, in its address family, equal preferences shuffled.
    /// Empty when none is left because we are the best one.
    List<MxHost> eligible(Relay relay, List<MxHost> hosts) {
        String own =
                relay.key.action().target() instanceof Dispatcher.Target.Backup backup
                                && !backup.mx().isEmpty()
                        ? backup.mx()
                        : hostname;
        int limit = Integer.MAX_VALUE;
        if (relay.domain.kind != RelayKey.Kind.HOST) {
            for (MxHost host : hosts) {
                if (host.name().equalsIgnoreCase(own)) {
                    limit = Math.min(limit, host.preference());
                }
            }
        }
        int below = limit;
        List<MxHost> sorted =
                new java.util.ArrayList<>(
                        hosts.stream()
                                .filter(host ->
                                        below == Integer.MAX_VALUE || host.preference() < below)
                                .toList());
        shuffle.shuffle(sorted);
        sorted.sort(java.util.Comparator.comparingInt(MxHost::preference));
        return sorted;
    }

    /// Whether an address may be used from a source under the limits of a relay.
    static boolean familyFits(String address, String source, Family family) {
        boolean inet6 = address.indexOf(':') >= 0;
        boolean allowed =
                switch (family) {
                    case ANY -> true;
                    case INET4 -> !inet6;
                    case INET6 -> inet6;
                };
        return allowed && (source.isEmpty() || (source.indexOf(':') >= 0) == inet6);
    }

    /// Finds a host's reverse name for the log; `then` runs once it is known or nobody waits any
    /// more.
    void reverseName(Host host, Runnable then) {
        host.ptrState = Host.PtrState.ASKED;
        lka.ask(
                new MtaToLka.LookupName(host.address),
                PTR_PATIENCE,
                answer -> {
                    host.ptrState = Host.PtrState.KNOWN;
                    if (answer instanceof Answer.Got<LkaToMta> got
                            && got.message() instanceof LkaToMta.NameResult name) {
                        host.ptr = name.name();
                    }
                    then.run();
                });
    }

    /// The next source address of a table.
    void source(String table, Consumer<Entry> then) {
        table(table, TableService.SOURCE, "", then);
    }

    /// An entry of a table; with an empty key the next in turn.
    void table(String table, TableService service, String key, Consumer<Entry> then) {
        ask(
                new MtaToLka.LookupTable(table, service, key),
                agenda.now(),
                answer -> then.accept(entry(answer)));
    }

    /// The sender of a forwarded message under `srs`; nothing when lka cannot say now.
    void rewrite(MailAddr sender, Consumer<Optional<MailAddr>> then) {
        ask(
                new MtaToLka.RewriteSender(sender),
                agenda.now(),
                answer -> then.accept(rewritten(answer)));
    }

    private static Optional<MailAddr> rewritten(Answer<LkaToMta> answer) {
        return answer instanceof Answer.Got<LkaToMta> got
                        && got.message() instanceof LkaToMta.SenderResult result
                        && result.answer() == LookupAnswer.FOUND
                ? Optional.of(result.sender())
                : Optional.empty();
    }

    private static Entry entry(Answer<LkaToMta> answer) {
        if (answer instanceof Answer.Got<LkaToMta> got
                && got.message() instanceof LkaToMta.TableResult result) {
            return switch (result.answer()) {
                case LookupAnswer.FOUND -> new Entry.Value(result.value());
                case LookupAnswer.NOT_FOUND -> new Entry.Absent();
                case LookupAnswer.TEMPFAIL -> new Entry.NotNow();
            };
        }
        return new Entry.NotNow();
    }
}
