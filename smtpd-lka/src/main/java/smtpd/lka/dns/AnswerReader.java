package smtpd.lka.dns;

import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;

import smtpd.lka.table.NetAddr;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads an answer of a server: only records of the name asked for count, and of the names its
/// aliases lead to, in whatever order they stand.
final class AnswerReader {
    /// How many aliases are followed: a longer chain is a mistake or a loop.
    static final int ALIASES_MAX = 8;

    /// How long a "no" without an SOA record is kept.
    private static final Duration NEGATIVE = Duration.ofMinutes(1);

    private AnswerReader() {}

    /// What a server says.
    sealed interface Reading {
        /// An answer.
        ///
        /// @param ttl how long it may be kept
        record Complete(DnsReply reply, Duration ttl) implements Reading {}

        /// The name is an alias of one whose records are not in the answer.
        record Elsewhere(Name name) implements Reading {}
    }

    static Reading read(Message answer, Name asked, RecordType type) {
        int code = answer.getRcode();
        if (code != Rcode.NOERROR && code != Rcode.NXDOMAIN) {
            return new Reading.Complete(new DnsReply.Tempfail(Rcode.string(code)), Duration.ZERO);
        }
        List<Record> section = answer.getSection(Section.ANSWER);
        Name name = asked;
        long ttl = Long.MAX_VALUE;
        for (int hops = 0; hops <= ALIASES_MAX; hops++) {
            List<DnsRecord> found = new ArrayList<>();
            for (Record each : section) {
                if (each.getType() == type.code() && each.getName().equals(name)) {
                    convert(each).ifPresent(found::add);
                    ttl = Math.min(ttl, each.getTTL());
                }
            }
            if (!found.isEmpty()) {
                return new Reading.Complete(new DnsReply.Records(found), Duration.ofSeconds(ttl));
            }
            Optional<CNAMERecord> alias = alias(section, name);
            if (alias.isEmpty()) {
                return nothing(answer, name.equals(asked) ? Optional.empty() : Optional.of(name));
            }
            ttl = Math.min(ttl, alias.get().getTTL());
            name = alias.get().getTarget();
        }
        return new Reading.Complete(new DnsReply.Tempfail("aliases lead round"), Duration.ZERO);
    }

    private static Optional<CNAMERecord> alias(List<Record> section, Name name) {
        for (Record each : section) {
            if (each instanceof CNAMERecord alias && alias.getName().equals(name)) {
                return Optional.of(alias);
            }
        }
        return Optional.empty();
    }

    /// Where the aliases in an answer lead, as far as they stand in it.
    static Name end(Message answer, Name asked) {
        List<Record> section = answer.getSection(Section.ANSWER);
        Name name = asked;
        for (int hops = 0; hops < ALIASES_MAX; hops++) {
            Optional<CNAMERecord> alias = alias(section, name);
            if (alias.isEmpty()) {
                return name;
            }
            name = alias.get().getTarget();
        }
        return name;
    }

    private static Reading nothing(Message answer, Optional<Name> aliasTarget) {
        Duration ttl = negativeTtl(answer);
        if (answer.getRcode() == Rcode.NXDOMAIN) {
            return new Reading.Complete(new DnsReply.NoName(), ttl);
        }
        boolean says =
                answer.getSection(Section.AUTHORITY).stream().anyMatch(SOARecord.class::isInstance);
        if (aliasTarget.isPresent() && !says) {
            return new Reading.Elsewhere(aliasTarget.get());
        }
        return new Reading.Complete(new DnsReply.NoRecords(), ttl);
    }

    /// RFC 2308 §5: the lesser of the SOA record's own time to live and its minimum field.
    private static Duration negativeTtl(Message answer) {
        for (Record each : answer.getSection(Section.AUTHORITY)) {
            if (each instanceof SOARecord soa) {
                return Duration.ofSeconds(Math.min(soa.getTTL(), soa.getMinimum()));
            }
        }
        return NEGATIVE;
    }

    private static Optional<DnsRecord> convert(Record each) {
        return switch (each) {
            case ARecord it -> address(it.getAddress());
            case AAAARecord it -> address(it.getAddress());
            case MXRecord it ->
                    Optional.of(new DnsRecord.Exchanger(it.getPriority(), plain(it.getTarget())));
            case PTRRecord it -> Optional.of(new DnsRecord.Pointer(plain(it.getTarget())));
            case CNAMERecord it -> Optional.of(new DnsRecord.Pointer(plain(it.getTarget())));
            case RawTlsa it -> Optional.of(new DnsRecord.Certificate(it.tlsa()));
            case TXTRecord it -> Optional.of(new DnsRecord.Text(text(it)));
            default -> Optional.empty();
        };
    }

    private static Optional<DnsRecord> address(InetAddress address) {
        return NetAddr.of(address.getAddress())
                .map(literal -> new DnsRecord.Address(literal.toString()));
    }

    private static String plain(Name name) {
        return name.toString(true);
    }

    private static String text(TXTRecord record) {
        StringBuilder joined = new StringBuilder();
        for (byte[] piece : record.getStringsAsByteArrays()) {
            joined.append(new String(piece, StandardCharsets.ISO_8859_1));
        }
        return joined.toString();
    }
}
