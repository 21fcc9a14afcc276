package smtpd.lka.dns;

import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.Dane;
import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.MxHost;
import smtpd.core.imsg.StsRecord;
import smtpd.core.smtp.Domains;
import smtpd.lka.table.NetAddr;

import java.net.IDN;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// What mail asks of DNS: the hosts of a domain, the addresses of a host, the name of a client.
///
/// Literal addresses need no lookup, the hosts file goes before DNS. Blocks the calling thread,
/// which should be a virtual one.
public final class MailDns {
    /// A client without a usable name.
    public static final String UNKNOWN = "<unknown>";

    /// MX records of a domain that are looked at, the most preferred; and addresses of a host:
    /// enough for any real domain, too little to keep us busy.
    static final int RECORDS_MAX = 100;

    /// The port exchangers listen on (RFC 7672 §2.2).
    private static final int SMTP_PORT = 25;

    /// Nothing is asked about certificates.
    private static final int NO_PORT = 0;

    /// Reverse names of an address that are tried for confirmation.
    static final int POINTERS_MAX = 5;

    private final Dns dns;
    private final SignedDns signed;
    private final DaneDns dane;
    private final HostsFile hosts;

    /// A client of unsigned DNS.
    ///
    /// @param dns who is asked
    /// @param hosts what needs no asking
    public MailDns(Dns dns, HostsFile hosts) {
        this(dns, SignedDns.unsigned(dns), hosts);
    }

    /// @param dns who is asked about clients and texts
    /// @param signed who is asked about the hosts mail goes to
    /// @param hosts what needs no asking
    public MailDns(Dns dns, SignedDns signed, HostsFile hosts) {
        this.dns = dns;
        this.signed = signed;
        this.hosts = hosts;
        dane = new DaneDns(signed);
    }

    /// The addresses of a host.
    ///
    /// @param answer whether there are any
    /// @param addresses IPv4 first, each in the order given
    /// @param dane what DNS says about its certificate, where that was asked
    public record Host(DnsAnswer answer, List<String> addresses, Dane dane) {
        public Host {
            addresses = List.copyOf(addresses);
        }

        static Host none(DnsAnswer answer) {
            return new Host(answer, List.of(), Dane.NONE);
        }

        static Host of(List<String> addresses) {
            return new Host(DnsAnswer.FOUND, addresses, Dane.NONE);
        }

        private Host with(Dane found) {
            return new Host(answer, addresses, found);
        }
    }

    /// The mail exchangers of a domain.
    ///
    /// @param answer whether there are any
    /// @param hosts lowest preference first; those without an address too, when another has one
    public record Exchangers(DnsAnswer answer, List<MxHost> hosts) {
        public Exchangers {
            hosts = List.copyOf(hosts);
        }

        static Exchangers none(DnsAnswer answer) {
            return new Exchangers(answer, List.of());
        }
    }

    /// The reverse name of an address.
    ///
    /// @param name the name, or [#UNKNOWN]
    /// @param confirmed whether it leads back to the address
    public record Client(String name, Confirmed confirmed) {}

    /// The addresses of a host name or literal.
    public Host host(String name) {
        return hostAsync(SignedDns.unsigned(dns), name, NO_PORT).join();
    }

    /// The addresses of a relay host, and what its certificate on a port is to be.
    ///
    /// @param port the port; 0 not to ask about certificates
    public Host host(String name, int port) {
        return hostAsync(signed, name, port).join();
    }

    private CompletableFuture<Host> hostAsync(SignedDns who, String text, int port) {
        Optional<NetAddr> literal = NetAddr.parse(text).filter(NetAddr::isHost);
        if (literal.isPresent()) {
            List<String> itself = List.of(literal.get().toString());
            return CompletableFuture.completedFuture(Host.of(itself));
        }
        Optional<String> name = hostName(text);
        if (name.isEmpty()) {
            return CompletableFuture.completedFuture(Host.none(DnsAnswer.INVALID));
        }
        List<String> known = hosts.addresses(name.get());
        if (!known.isEmpty()) {
            return CompletableFuture.completedFuture(Host.of(known));
        }
        CompletableFuture<SignedDns.Vouched> v4 = who.ask(name.get(), RecordType.A);
        CompletableFuture<SignedDns.Vouched> v6 = who.ask(name.get(), RecordType.AAAA);
        return v4.thenCompose(four -> v6.thenCompose(six -> withDane(name.get(), port, four, six)));
    }

    private CompletableFuture<Host> withDane(
            String name, int port, SignedDns.Vouched v4, SignedDns.Vouched v6) {
        Host host = merge(v4.reply(), v6.reply());
        if (port == NO_PORT || host.answer() != DnsAnswer.FOUND) {
            return CompletableFuture.completedFuture(host);
        }
        return dane.of(name, port, weaker(v4, v6)).thenApply(host::with);
    }

    /// Addresses are worth what the less of the answers that gave any is.
    private static SignedDns.Vouched weaker(SignedDns.Vouched v4, SignedDns.Vouched v6) {
        if (v4.reply().recordsOrNone().isEmpty()) {
            return v6;
        }
        return v6.reply().recordsOrNone().isEmpty() || v6.isSecure() ? v4 : v6;
    }

    private static Host merge(DnsReply v4, DnsReply v6) {
        Set<String> addresses = new LinkedHashSet<>();
        for (DnsReply reply : List.of(v4, v6)) {
            for (DnsRecord each : reply.recordsOrNone()) {
                if (each instanceof DnsRecord.Address(String text)
                        && addresses.size() < RECORDS_MAX) {
                    addresses.add(text);
                }
            }
        }
        if (!addresses.isEmpty()) {
            return Host.of(List.copyOf(addresses));
        }
        return Host.none(worse(without(v4), without(v6)));
    }

    private static DnsAnswer without(DnsReply reply) {
        return switch (reply) {
            case DnsReply.Records _, DnsReply.NoRecords _ -> DnsAnswer.NO_ADDRESS;
            case DnsReply.NoName _ -> DnsAnswer.NO_DOMAIN;
            case DnsReply.NotAName _ -> DnsAnswer.INVALID;
            case DnsReply.Tempfail _ -> DnsAnswer.TEMPFAIL;
        };
    }

    /// "Not now" outweighs any "no"; a name that exists for one family exists.
    private static DnsAnswer worse(DnsAnswer one, DnsAnswer other) {
        for (DnsAnswer answer : List.of(DnsAnswer.TEMPFAIL, DnsAnswer.NO_ADDRESS)) {
            if (one == answer || other == answer) {
                return answer;
            }
        }
        return one;
    }

    /// A name as DNS is asked for it: without final dot, international labels in their ASCII form
    /// (RFC 5891 §4); empty for what is no host name.
    private static Optional<String> hostName(String text) {
        String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        try {
            boolean ascii = name.chars().allMatch(c -> c < 0x80);
            String encoded = ascii ? name : IDN.toASCII(name);
            return Domains.isDomain(encoded, false) ? Optional.of(encoded) : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// The mail exchangers of a domain with their addresses (RFC 5321 §5.1). Without MX record the
    /// domain itself is one; the root as the only exchanger means that the domain takes no mail
    /// (RFC 7505 §3; so does `localhost`: OpenSMTPD).
    public Exchangers exchangers(String domain) {
        if (domain.startsWith("[")) {
            return literal(domain);
        }
        Optional<String> name = hostName(domain);
        if (name.isEmpty() || NetAddr.parse(domain).isPresent()) {
            return Exchangers.none(DnsAnswer.INVALID);
        }
        if (!hosts.addresses(name.get()).isEmpty()) {
            return implicit(name.get(), NO_PORT);
        }
        SignedDns.Vouched found = signed.ask(name.get(), RecordType.MX).join();
        // RFC 7672 §2.2.1: without signatures on the exchangers, none on their certificates
        int port = found.isSecure() ? SMTP_PORT : NO_PORT;
        return switch (found.reply()) {
            case DnsReply.Records(List<DnsRecord> records) -> ofRecords(records, port);
            case DnsReply.NoRecords _ -> implicit(name.get(), port);
            case DnsReply.NoName _ -> Exchangers.none(DnsAnswer.NO_DOMAIN);
            case DnsReply.NotAName _ -> Exchangers.none(DnsAnswer.INVALID);
            case DnsReply.Tempfail _ -> Exchangers.none(DnsAnswer.TEMPFAIL);
        };
    }

    /// RFC 5321 §4.1.3: an address literal is its own host.
    private static Exchangers literal(String domain) {
        if (!Domains.isLiteral(domain)) {
            return Exchangers.none(DnsAnswer.INVALID);
        }
        return NetAddr.parse(domain)
                .map(address -> List.of(new MxHost(domain, 0, List.of(address.toString()))))
                .map(hosts -> new Exchangers(DnsAnswer.FOUND, hosts))
                .orElse(Exchangers.none(DnsAnswer.INVALID));
    }

    private Exchangers implicit(String domain, int port) {
        Host host = host(domain, port);
        MxHost itself = new MxHost(domain, 0, host.addresses(), host.dane());
        return host.answer() == DnsAnswer.FOUND
                ? new Exchangers(DnsAnswer.FOUND, List.of(itself))
                : Exchangers.none(host.answer());
    }

    private Exchangers ofRecords(List<DnsRecord> records, int port) {
        Map<String, Integer> preferences = new LinkedHashMap<>();
        records.stream()
                .filter(DnsRecord.Exchanger.class::isInstance)
                .map(DnsRecord.Exchanger.class::cast)
                .filter(mx -> !takesNothing(mx.host()))
                .sorted(Comparator.comparingInt(DnsRecord.Exchanger::preference))
                .limit(RECORDS_MAX)
                .forEach(mx -> preferences.putIfAbsent(mx.host(), mx.preference()));
        if (preferences.isEmpty()) {
            return Exchangers.none(DnsAnswer.NULL_MX);
        }
        Map<String, CompletableFuture<Host>> lookups = new LinkedHashMap<>();
        preferences.keySet().forEach(name -> lookups.put(name, hostAsync(signed, name, port)));
        List<MxHost> found = new ArrayList<>();
        DnsAnswer answer = DnsAnswer.NO_ADDRESS;
        for (Map.Entry<String, Integer> mx : preferences.entrySet()) {
            Host host = java.util.Objects.requireNonNull(lookups.get(mx.getKey())).join();
            found.add(new MxHost(mx.getKey(), mx.getValue(), host.addresses(), host.dane()));
            answer = better(answer, host.answer());
        }
        return answer == DnsAnswer.FOUND ? new Exchangers(answer, found) : Exchangers.none(answer);
    }

    /// One host with an address makes the domain reachable; one "not now" makes it "not now".
    private static DnsAnswer better(DnsAnswer sofar, DnsAnswer next) {
        if (sofar == DnsAnswer.FOUND || next == DnsAnswer.FOUND) {
            return DnsAnswer.FOUND;
        }
        return next == DnsAnswer.TEMPFAIL ? next : sofar;
    }

    private static boolean takesNothing(String exchanger) {
        return exchanger.isEmpty()
                || exchanger.equals(".")
                || exchanger.equalsIgnoreCase("localhost");
    }

    /// The reverse name of a literal address, confirmed forward.
    ///
    /// The first of its names that leads back to it counts, else the first that is a host name at
    /// all: what is not never leaves here.
    public Client client(String address) {
        Optional<NetAddr> literal = NetAddr.parse(address).filter(NetAddr::isHost);
        if (literal.isEmpty()) {
            return new Client(UNKNOWN, Confirmed.FAIL);
        }
        String known = hosts.name(literal.get());
        if (!known.isEmpty()) {
            return new Client(known, Confirmed.PASS);
        }
        return switch (dns.ask(literal.get().reverseName(), RecordType.PTR).join()) {
            case DnsReply.Records(List<DnsRecord> records) -> confirm(records, literal.get());
            case DnsReply.NoRecords _, DnsReply.NoName _, DnsReply.NotAName _ ->
                    new Client(UNKNOWN, Confirmed.FAIL);
            case DnsReply.Tempfail _ -> new Client(UNKNOWN, Confirmed.ERROR);
        };
    }

    private Client confirm(List<DnsRecord> records, NetAddr address) {
        Client best = new Client(UNKNOWN, Confirmed.FAIL);
        int tried = 0;
        for (DnsRecord each : records) {
            if (each instanceof DnsRecord.Pointer(String name)
                    && Domains.isDomain(name, false)
                    && tried++ < POINTERS_MAX) {
                Host forward = host(name);
                if (forward.addresses().contains(address.toString())) {
                    return new Client(name, Confirmed.PASS);
                }
                if (best.name().equals(UNKNOWN)) {
                    boolean unsure = forward.answer() == DnsAnswer.TEMPFAIL;
                    best = new Client(name, unsure ? Confirmed.ERROR : Confirmed.FAIL);
                }
            }
        }
        return best;
    }

    /// Whether a domain has an MTA-STS policy.
    public CompletableFuture<StsRecord> sts(String domain) {
        return hostName(domain)
                .map(name -> StsDns.of(dns, name))
                .orElseGet(() -> CompletableFuture.completedFuture(StsRecord.NONE));
    }

    /// The texts of a name; "not now" and "no" as DNS said them.
    public DnsReply texts(String name) {
        return dns.ask(name, RecordType.TXT).join();
    }
}
