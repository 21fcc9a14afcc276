/// Filters for the mail server, written in Java: programs that see its sessions, decide about them
/// and edit what flows through, in the lines of smtpd-filters(7). Nothing but the JDK is needed.
///
/// # A filter in ten lines
///
/// What a filter wants is what is called on a [Filter]; that, and no more, is registered with the
/// server. `etc/examples/filters/NoBank.java` is a whole program:
///
/// ```java
/// void main() {
///     int status =
///             Filter.named("no-bank")
///                     .decide(Phase.MAIL_FROM, (session, mail) ->
///                             mail.domain().equals("bank.example") && session.user().isEmpty()
///                                     ? Decision.reject("550 5.7.1 No bank writes to us")
///                                     : Decision.proceed())
///                     .run();
///     System.exit(status);
/// }
/// ```
///
/// - [Filter#decide(Phase, Filter.Decider)] answers the questions of a [Phase] with a [Decision].
/// - [Filter#hear(Event, Filter.Listener)] hears the [Event]s of sessions.
/// - [Filter#edit(Editor.Maker)] has the content of each message flow through an [Editor].
/// - [Filter#usesDns()] allows to look names up: [Session#dns(DnsType, String)].
///
/// # Sessions take turns with themselves only
///
/// The callbacks of one session run in the order of the protocol, never two at a time, on a virtual
/// thread. So they may simply wait, for DNS, a file, a database: only their session waits with
/// them. Sessions run beside each other; what they share has to bear that. What a filter remembers
/// of a session or a transaction is a [State], needs no lock, and is forgotten by itself:
///
/// ```java
/// private final State<Score> score = State.perSession(Score::new);
///
/// Decision hello(Session session, Question.Hello hello) {
///     CompletableFuture<DnsAnswer> mx = session.dns(DnsType.MX, hello.name());
///     CompletableFuture<DnsAnswer> a = session.dns(DnsType.A, hello.name());
///     if (mx.join() instanceof DnsAnswer.None && a.join() instanceof DnsAnswer.None) {
///         session.state(score).add(2);
///     }
///     return Decision.proceed();
/// }
/// ```
///
/// Whoever prefers futures returns [Decision#later(java.util.concurrent.CompletionStage)], and is
/// called for other events of the session in the meantime.
///
/// Every lookup has three answers: found, none, and failed, which means "not now" and never "no".
///
/// # Content
///
/// An [Editor] sees each line as it is in the message and gives on what the message shall be. One
/// that marks messages writes its field first; one that signs needs everything before it can write
/// anything, and keeps the lines in [HeldLines], which takes a file when memory would not do; one
/// that verifies may wait for DNS in the middle while the content comes on. What [Editor#end]
/// returns becomes of the message:
///
/// ```java
/// final class Signer implements Editor {
///     private final HeldLines held = new HeldLines();
///     private final Digest digest = new Digest();
///
///     public void line(String line, Output out) throws IOException {
///         digest.add(line);
///         held.add(line);
///     }
///
///     public Decision end(Output out) throws IOException {
///         digest.fields().forEach(out::line);
///         held.pourInto(out);
///         return Decision.proceed();
///     }
///
///     public void close() throws IOException {
///         held.close();
///     }
/// }
/// ```
///
/// # When something fails
///
/// What a callback throws goes to standard error, which the server logs, and is answered with
/// [Filter#onFault(Decision)]: come back later, unless the filter says otherwise. A message whose
/// editor fails is refused; half an edit is never delivered. A server that breaks the protocol ends
/// the run with status 1, and the end of the input ends it with 0.
///
/// # Trying a filter
///
/// `smtpd.filter.testkit` has a server, clients and DNS for tests: see there.
@NullMarked
package smtpd.filter;

import org.jspecify.annotations.NullMarked;
