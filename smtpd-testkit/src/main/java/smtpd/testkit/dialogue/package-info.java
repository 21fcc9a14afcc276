/// SMTP dialogues as files: what the client sends, what the server must answer. The same files run
/// against a session in this JVM and against a daemon over TCP.
///
/// Form: a heading of `#` lines that names what is tested and its RFC section, then one step a
/// line; see [smtpd.testkit.dialogue.Dialogue].
@NullMarked
package smtpd.testkit.dialogue;

import org.jspecify.annotations.NullMarked;
