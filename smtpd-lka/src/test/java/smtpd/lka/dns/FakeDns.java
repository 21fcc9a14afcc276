package smtpd.lka.dns;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// DNS as a map. Names it was not told of do not exist; names it knows of one kind have no data of
/// the others.
final class FakeDns implements Dns {
    private final Map<String, DnsReply> replies = new LinkedHashMap<>();
    private final List<String> names = new ArrayList<>();

    FakeDns a(String name, String... addresses) {
        return records(
                name,
                RecordType.A,
                List.of(addresses).stream().<DnsRecord>map(DnsRecord.Address::new).toList());
    }

    FakeDns aaaa(String name, String... addresses) {
        return records(
                name,
                RecordType.AAAA,
                List.of(addresses).stream().<DnsRecord>map(DnsRecord.Address::new).toList());
    }

    /// Each exchanger as `preference host`.
    FakeDns mx(String name, String... exchangers) {
        List<DnsRecord> records = new ArrayList<>();
        for (String exchanger : exchangers) {
            String[] words = exchanger.split(" ", 2);
            records.add(
                    new DnsRecord.Exchanger(
                            Integer.parseInt(words[0]), words[1].equals(".") ? "" : words[1]));
        }
        return records(name, RecordType.MX, records);
    }

    FakeDns ptr(String zone, String... targets) {
        return records(
                zone,
                RecordType.PTR,
                List.of(targets).stream().<DnsRecord>map(DnsRecord.Pointer::new).toList());
    }

    FakeDns exists(String name) {
        names.add(name);
        return this;
    }

    FakeDns fails(String name, RecordType type) {
        replies.put(key(name, type), new DnsReply.Tempfail("SERVFAIL"));
        return this;
    }

    private FakeDns records(String name, RecordType type, List<DnsRecord> records) {
        replies.put(key(name, type), new DnsReply.Records(records));
        names.add(name.toLowerCase(Locale.ROOT));
        return this;
    }

    private static String key(String name, RecordType type) {
        return name.toLowerCase(Locale.ROOT) + " " + type;
    }

    @Override
    public CompletableFuture<DnsReply> ask(String name, RecordType type) {
        DnsReply none =
                names.contains(name.toLowerCase(Locale.ROOT))
                        ? new DnsReply.NoRecords()
                        : new DnsReply.NoName();
        return CompletableFuture.completedFuture(replies.getOrDefault(key(name, type), none));
    }
}
