/// A mail server to try filters with, in a test and without any network.
///
/// A [FakeDaemon] runs a filter in the same JVM, or talks to one that is a process of its own, in
/// the very lines of the protocol, and finds fault with every line that is not in order. A
/// [FakeClient] is one SMTP session: each of its commands reports what the server would report,
/// asks what it would ask if the filter has registered for it, and gives back the filter's answer
/// as it stands in the protocol. [FakeDns] is all the DNS there is, with answers that come late,
/// out of order or not at all. No time passes but what the test lets pass.
///
/// ```java
/// @Test
/// void banksAreRefused() throws Exception {
///     try (FakeDaemon daemon = FakeDaemon.run(NoBank.filter())) {
///         FakeClient client = daemon.client("192.0.2.1");
///         assertEquals("proceed", client.connect());
///         client.ehlo("client.example");
///         assertEquals("reject|550 5.7.1 No bank writes to us", client.mail("info@bank.example"));
///     }
/// }
/// ```
@NullMarked
package smtpd.filter.testkit;

import org.jspecify.annotations.NullMarked;
