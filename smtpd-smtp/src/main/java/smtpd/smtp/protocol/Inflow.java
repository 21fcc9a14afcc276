package smtpd.smtp.protocol;

import smtpd.core.smtp.Reply;

import java.util.List;
import java.util.Optional;

/// The content of one message on its way from the client to the queue, as the commands that bring
/// it see it.
public interface Inflow extends AutoCloseable {
    /// Takes bytes of the client; returns how many belong to the message.
    int take(byte[] bytes, int length);

    /// Whether the end of the content was seen.
    boolean done();

    /// Whether it is so far over its limit that waiting for the end makes no sense.
    boolean hopeless();

    /// Bytes of the client so far.
    long received();

    /// What forbids already now to accept it, if anything does.
    Optional<Reply> refusal();

    /// The content is at its end: what forbids to accept it, if anything does.
    Optional<Reply> finish();

    /// What is odd in its header, in a word each (see [smtpd.core.message.HeaderFixer#oddities()]).
    List<String> oddities();

    /// Bytes sent to the queue.
    long size();

    /// CRC-32C of the bytes sent to the queue.
    int checksum();

    /// Gives back what it holds; more than once does no harm.
    @Override
    void close();
}
