package smtpd.lka.dns;

import smtpd.core.imsg.Dane;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.Tlsa;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Finds what DNS says about the certificate of a host (RFC 7672 §2.2).
///
/// TLSA records are asked for only where the host's own name is signed: elsewhere they could not be
/// believed, and many servers for unsigned names do not even answer.
final class DaneDns {
    /// TLSA records of a host that are looked at.
    static final int RECORDS_MAX = 32;

    private final SignedDns dns;

    DaneDns(SignedDns dns) {
        this.dns = dns;
    }

    /// The records of a host whose addresses were found.
    ///
    /// @param name the host's name
    /// @param addresses how its addresses were found, with where its aliases lead
    CompletableFuture<Dane> of(String name, int port, SignedDns.Vouched addresses) {
        if (addresses.isSecure()) {
            // RFC 7672 §2.2.2: under the name the aliases lead to first, then under its own
            Set<String> bases = new LinkedHashSet<>(List.of(addresses.name(), name));
            return first(List.copyOf(bases), port);
        }
        if (addresses.name().equalsIgnoreCase(name)) {
            return CompletableFuture.completedFuture(Dane.NONE);
        }
        // RFC 7672 §2.2.2: the alias may be signed where its target is not
        return dns.ask(name, RecordType.CNAME)
                .thenCompose(alias -> {
                    if (alias.reply() instanceof DnsReply.Tempfail) {
                        return CompletableFuture.completedFuture(Dane.NOT_NOW);
                    }
                    return alias.isSecure()
                            ? first(List.of(name), port)
                            : CompletableFuture.completedFuture(Dane.NONE);
                });
    }

    private CompletableFuture<Dane> first(List<String> bases, int port) {
        if (bases.isEmpty()) {
            return CompletableFuture.completedFuture(Dane.NONE);
        }
        String base = bases.getFirst();
        return dns.ask("_" + port + "._tcp." + base, RecordType.TLSA)
                .thenCompose(found -> {
                    if (found.reply() instanceof DnsReply.Tempfail) {
                        return CompletableFuture.completedFuture(Dane.NOT_NOW);
                    }
                    List<Tlsa> records = found.isSecure() ? records(found.reply()) : List.of();
                    return records.isEmpty()
                            ? first(bases.subList(1, bases.size()), port)
                            : CompletableFuture.completedFuture(
                                    new Dane(LookupAnswer.FOUND, base, records));
                });
    }

    private static List<Tlsa> records(DnsReply reply) {
        List<Tlsa> records = new ArrayList<>();
        for (DnsRecord each : reply.recordsOrNone()) {
            if (each instanceof DnsRecord.Certificate(Tlsa tlsa) && records.size() < RECORDS_MAX) {
                records.add(tlsa);
            }
        }
        return records;
    }
}
