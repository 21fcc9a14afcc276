package smtpd.lka.dns;

import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.StsRecord;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds out whether a domain has an MTA-STS policy, and which version is current (RFC 8461 §3.1).
final class StsDns {
    private static final String VERSION = "v=STSv1;";

    /// RFC 8461 §3.1: `sts-id`.
    private static final Pattern ID =
            Pattern.compile("(?:^|;)[ \\t]*id[ \\t]*=[ \\t]*([A-Za-z0-9]{1,32})[ \\t]*(?:;|$)");

    private StsDns() {}

    static CompletableFuture<StsRecord> of(Dns dns, String domain) {
        return dns.ask("_mta-sts." + domain, RecordType.TXT).thenApply(StsDns::read);
    }

    /// Texts that are no such record do not count; more than one that is counts as none.
    static StsRecord read(DnsReply reply) {
        if (reply instanceof DnsReply.Tempfail) {
            return StsRecord.NOT_NOW;
        }
        List<String> records =
                reply.recordsOrNone().stream()
                        .filter(DnsRecord.Text.class::isInstance)
                        .map(record -> ((DnsRecord.Text) record).text())
                        .filter(text -> text.startsWith(VERSION))
                        .toList();
        if (records.size() != 1) {
            return StsRecord.NONE;
        }
        Matcher id = ID.matcher(records.getFirst().substring(VERSION.length()));
        return id.find() ? new StsRecord(LookupAnswer.FOUND, id.group(1)) : StsRecord.NONE;
    }
}
