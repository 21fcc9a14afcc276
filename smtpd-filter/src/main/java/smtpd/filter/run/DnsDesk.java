package smtpd.filter.run;

import org.jspecify.annotations.Nullable;

import smtpd.filter.DnsAnswer;
import smtpd.filter.DnsType;
import smtpd.filter.wire.DnsText;
import smtpd.filter.wire.FilterLine;
import smtpd.filter.wire.ProtocolException;
import smtpd.filter.wire.ServerLine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/// What is asked of DNS and not answered yet.
///
/// # Limits
///
/// [#UNDER_WAY_MAX] queries are with the server, [#WAITING_MAX] more wait here; above, the answer
/// is "not now".
final class DnsDesk {
    /// Queries the server has: below what it allows.
    static final int UNDER_WAY_MAX = 8000;

    /// Queries that wait until the server has room.
    static final int WAITING_MAX = 50_000;

    /// What a name may be in a line of the protocol.
    private static final Pattern NAME = Pattern.compile("[!-{}~]{1,1000}");

    private static final int RECORDS_MAX = 1000;

    private final Writer writer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Query> underWay = new HashMap<>();
    private final Queue<Query> waiting = new ArrayDeque<>();
    private long tokens;
    private boolean closed;

    /// A query.
    ///
    /// @param session its session, or `-`
    private record Query(
            String session,
            DnsType type,
            String name,
            CompletableFuture<DnsAnswer> answer,
            List<String> values) {}

    DnsDesk(Writer writer) {
        this.writer = writer;
    }

    CompletableFuture<DnsAnswer> ask(String session, DnsType type, String name) {
        CompletableFuture<DnsAnswer> answer = new CompletableFuture<>();
        if (!NAME.matcher(name).matches()) {
            answer.complete(new DnsAnswer.Failed("not a name"));
            return answer;
        }
        byte @Nullable [] line = null;
        lock.lock();
        try {
            Query query = new Query(session, type, name, answer, new ArrayList<>(1));
            if (closed) {
                answer.complete(new DnsAnswer.Failed("the server has gone"));
            } else if (underWay.size() < UNDER_WAY_MAX) {
                line = begin(query);
            } else if (waiting.size() < WAITING_MAX) {
                waiting.add(query);
            } else {
                answer.complete(new DnsAnswer.Failed("too many queries"));
            }
        } finally {
            lock.unlock();
        }
        if (line != null) {
            writer.write(line);
        }
        return answer;
    }

    private byte[] begin(Query query) {
        tokens++;
        String token = Long.toHexString(tokens);
        underWay.put(token, query);
        return FilterLine.dnsQuery(query.session, token, query.type.name(), query.name);
    }

    void take(ServerLine.DnsRecord line) throws ProtocolException {
        lock.lock();
        try {
            Query query = underWay.get(line.token());
            if (query != null && query.values.size() < RECORDS_MAX) {
                boolean isText = line.type().equals(DnsType.TXT.name());
                query.values.add(isText ? DnsText.read(line.value()) : line.value());
            }
        } finally {
            lock.unlock();
        }
    }

    /// The end of an answer. Never blocks: what waits for its turn is written by another thread.
    void take(ServerLine.DnsEnd line) {
        byte @Nullable [] next = null;
        Query query;
        lock.lock();
        try {
            query = underWay.remove(line.token());
            Query follower = waiting.poll();
            while (follower != null && follower.answer.isDone()) {
                follower = waiting.poll();
            }
            if (follower != null) {
                next = begin(follower);
            }
        } finally {
            lock.unlock();
        }
        byte @Nullable [] behind = next;
        Thread.startVirtualThread(() -> {
            if (behind != null) {
                writer.write(behind);
            }
            if (query != null) {
                query.answer.complete(answer(line.status(), query.values));
            }
        });
    }

    private static DnsAnswer answer(String status, List<String> values) {
        return switch (status) {
            case "ok" ->
                    values.isEmpty()
                            ? new DnsAnswer.None()
                            : new DnsAnswer.Found(List.copyOf(values));
            case "nxdomain" -> new DnsAnswer.None();
            default -> new DnsAnswer.Failed(status);
        };
    }

    /// Answers everything a session waits for with "not now"; the queries of the server go on.
    void forget(String session) {
        fail("the session has ended", session);
    }

    /// The server has gone.
    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        fail("the server has gone", null);
    }

    private void fail(String why, @Nullable String session) {
        List<Query> failed = new ArrayList<>();
        lock.lock();
        try {
            underWay.values().stream().filter(it -> isOf(it, session)).forEach(failed::add);
            waiting.stream().filter(it -> isOf(it, session)).forEach(failed::add);
        } finally {
            lock.unlock();
        }
        if (!failed.isEmpty()) {
            Thread.startVirtualThread(
                    () -> failed.forEach(each -> each.answer.complete(new DnsAnswer.Failed(why))));
        }
    }

    private static boolean isOf(Query query, @Nullable String session) {
        return session == null || query.session.equals(session);
    }
}
