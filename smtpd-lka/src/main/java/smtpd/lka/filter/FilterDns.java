package smtpd.lka.filter;

import smtpd.lka.dns.Dns;
import smtpd.lka.dns.DnsRecord;
import smtpd.lka.dns.DnsReply;
import smtpd.lka.dns.RecordType;
import smtpd.lka.filter.FilterProtocol.Said;
import smtpd.lka.table.NetAddr;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/// DNS for filter programs (an addition of ours to their protocol): questions go to the resolver
/// everybody uses, answers come when they come. In the agent's thread.
///
/// # Limits
///
/// [#UNDER_WAY_MAX] questions of all programs together at the resolver, so that those of the daemon
/// itself find room there; [#OUTSTANDING_MAX] of one program altogether, further ones are answered
/// "not now" at once.
final class FilterDns {
    /// Questions at the resolver.
    static final int UNDER_WAY_MAX = 512;

    /// Questions of one program: eight lists for each of a thousand sessions.
    static final int OUTSTANDING_MAX = 8192;

    private final Dns dns;
    private final Executor agent;
    private final ArrayDeque<Question> waiting = new ArrayDeque<>();
    private final Map<FilterProgram, Integer> outstanding = new HashMap<>();
    private int underWay;

    /// A question of one run of a program.
    private record Question(
            FilterProgram program, int run, Said.DnsQuery query, String name, RecordType type) {}

    /// @param dns who is asked
    /// @param agent runs what answers bring
    FilterDns(Dns dns, Executor agent) {
        this.dns = dns;
        this.agent = agent;
    }

    /// A program asks.
    void ask(FilterProgram program, Said.DnsQuery query) {
        Optional<RecordType> type = type(query.type());
        if (type.isEmpty()) {
            program.say(end(query, "invalid"));
            return;
        }
        int open = outstanding.getOrDefault(program, 0);
        if (open >= OUTSTANDING_MAX) {
            program.say(end(query, "tempfail"));
            return;
        }
        outstanding.put(program, open + 1);
        String name = name(query.name(), type.get());
        waiting.add(new Question(program, program.run(), query, name, type.get()));
        pump();
    }

    private void pump() {
        while (underWay < UNDER_WAY_MAX && !waiting.isEmpty()) {
            Question next = waiting.remove();
            if (next.program().run() != next.run()) {
                continue;
            }
            underWay++;
            CompletableFuture<?> _ =
                    dns.ask(next.name(), next.type())
                            .whenComplete((reply, failure) ->
                                    agent.execute(() -> {
                                        underWay--;
                                        if (reply != null) {
                                            answered(next, reply);
                                        }
                                        pump();
                                    }));
        }
    }

    private void answered(Question question, DnsReply reply) {
        FilterProgram program = question.program();
        if (program.run() == question.run()) {
            outstanding.merge(program, -1, Integer::sum);
            program.say(lines(question.query(), reply));
        }
    }

    /// A program has ended: nobody waits for its answers any more.
    void forget(FilterProgram program) {
        outstanding.remove(program);
        waiting.removeIf(question -> question.program() == program);
    }

    /// The lines of an answer.
    static String lines(Said.DnsQuery query, DnsReply reply) {
        return switch (reply) {
            case DnsReply.Records it -> {
                StringBuilder lines = new StringBuilder();
                for (DnsRecord record : it.records()) {
                    lines.append(head(query)).append(record(record)).append('\n');
                }
                yield lines.append(end(query, "ok")).toString();
            }
            case DnsReply.NoRecords _ -> end(query, "ok");
            case DnsReply.NoName _ -> end(query, "nxdomain");
            case DnsReply.NotAName _ -> end(query, "invalid");
            case DnsReply.Tempfail _ -> end(query, "tempfail");
        };
    }

    private static String head(Said.DnsQuery query) {
        return "dns-result|" + query.session() + "|" + query.token() + "|";
    }

    private static String end(Said.DnsQuery query, String status) {
        return head(query) + "end|" + status + "\n";
    }

    private static String record(DnsRecord record) {
        return switch (record) {
            case DnsRecord.Address(String text) -> (text.indexOf(':') >= 0 ? "AAAA|" : "A|") + text;
            case DnsRecord.Exchanger(int preference, String host) ->
                    "MX|" + preference + "|" + (host.isEmpty() ? "." : printable(host));
            case DnsRecord.Pointer(String name) ->
                    "PTR|" + (name.isEmpty() ? "." : printable(name));
            case DnsRecord.Text(String text) -> "TXT|" + escape(text);
            case DnsRecord.Certificate _ -> throw new IllegalStateException("never asked for");
        };
    }

    /// A name that is in the form of a zone file already.
    private static String printable(String name) {
        return FilterProtocol.octets(name).chars().allMatch(c -> c >= ' ' && c <= '~')
                ? name
                : escape(FilterProtocol.octets(name));
    }

    /// Octets as a zone file has them (RFC 1035 §5.1).
    static String escape(String octets) {
        StringBuilder out = new StringBuilder(octets.length());
        for (int i = 0; i < octets.length(); i++) {
            char c = octets.charAt(i);
            if (c == '\\') {
                out.append("\\\\");
            } else if (c >= ' ' && c <= '~') {
                out.append(c);
            } else {
                out.append('\\').append(c / 100).append(c / 10 % 10).append(c % 10);
            }
        }
        return out.toString();
    }

    private static Optional<RecordType> type(String word) {
        return switch (word) {
            case "A" -> Optional.of(RecordType.A);
            case "AAAA" -> Optional.of(RecordType.AAAA);
            case "MX" -> Optional.of(RecordType.MX);
            case "TXT" -> Optional.of(RecordType.TXT);
            case "PTR" -> Optional.of(RecordType.PTR);
            default -> Optional.empty();
        };
    }

    /// A name without its final dot, an address as the name that stands for it.
    private static String name(String text, RecordType type) {
        if (type == RecordType.PTR) {
            Optional<NetAddr> address = NetAddr.parse(text).filter(NetAddr::isHost);
            if (address.isPresent()) {
                return address.get().reverseName();
            }
        }
        return text.length() > 1 && text.endsWith(".")
                ? text.substring(0, text.length() - 1)
                : text;
    }
}
