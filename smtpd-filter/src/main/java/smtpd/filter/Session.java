package smtpd.filter;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/// One SMTP session. What is known of it is kept up to date by its reports, before any callback
/// hears of them.
///
/// The callbacks of a session run one after the other, in the order of the protocol, on a virtual
/// thread: they may block, and no other session waits for it. Tasks given to the session as an
/// [Executor] take their turn among its callbacks.
public interface Session extends Executor {
    /// 16 hexadecimal digits.
    String id();

    /// Which half of the server it belongs to.
    Subsystem subsystem();

    /// The server.
    Daemon daemon();

    /// Where the client comes from: `192.0.2.1:4711`, `[2001:db8::1]:4711`, `unix:/path`; empty if
    /// that is not known.
    String source();

    /// The address of the client; null for one of this machine's own socket.
    @Nullable InetAddress address();

    /// The name of that address, or `<unknown>`.
    String rdns();

    /// Whether the name leads back to the address.
    Report.Fcrdns fcrdns();

    /// The name of HELO or EHLO; empty before.
    String helo();

    /// `version:cipher:bits`; empty without TLS.
    String tls();

    /// Who the client has proved to be; empty if nobody.
    String user();

    /// The message under way, 8 hexadecimal digits; empty if none.
    String msgid();

    /// The accepted sender of the message under way; empty before, and for the null sender.
    String sender();

    /// The accepted recipients of the message under way, as the client wrote them.
    List<String> recipients();

    /// The value of a state, made when it is asked for first.
    <T> T state(State<T> key);

    /// Looks a name up through the server: no socket, no resolver. The filter must have declared
    /// [Filter#usesDns()].
    ///
    /// The future never fails: what goes wrong is [DnsAnswer.Failed], also when the session ends
    /// before the answer. A callback may wait with [CompletableFuture#join()]. What is chained to
    /// the future runs on a virtual thread of its own, beside the callbacks; `thenAcceptAsync(…,
    /// session)` has it take its turn among them.
    ///
    /// @param name a domain name, with or without a dot at its end; for PTR an address too
    CompletableFuture<DnsAnswer> dns(DnsType type, String name);

    /// Has the server tell a text in a `filter-report` of this session: the other filters hear it,
    /// and the log can show it.
    ///
    /// @param text one line
    void report(String text);
}
