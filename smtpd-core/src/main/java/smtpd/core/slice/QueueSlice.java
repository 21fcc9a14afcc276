package smtpd.core.slice;

import smtpd.core.conf.QueueOptions;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.key.KeySources;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Secret;

import java.nio.ByteBuffer;
import java.util.List;

/// What the queue may know: where and how to store.
///
/// @param hostname the server's name, for reports
/// @param spool the spool directory
/// @param options storage and warnings; the keys are not among them
/// @param keys the keys themselves, as they were read at start
/// @param actions names of the actions that exist, for envelopes found in the spool
/// @param smarthosts those among them that relay to the same host whatever the recipient's domain
/// @param most how many envelopes the scheduler bears
public record QueueSlice(
        String hostname,
        String spool,
        QueueOptions options,
        List<KeySources.Found> keys,
        List<String> actions,
        List<String> smarthosts,
        long most) {
    public QueueSlice {
        options = options.withoutKeys();
    }

    /// The wire form.
    public Bytes encode() {
        FrameOut out = new FrameOut(1024);
        out.text(hostname);
        out.text(spool);
        ConfWire.queue(out, options);
        out.list(keys, (to, key) -> to.text(key.name()).text(key.key().text()).bool(key.seals()));
        out.texts(actions);
        out.texts(smarthosts);
        out.i64(most);
        return Bytes.of(out.toByteArray());
    }

    /// Reads the wire form; throws [smtpd.core.imsg.ImsgViolation] when it is not one.
    public static QueueSlice decode(Bytes bytes) {
        FrameIn in = new FrameIn(ByteBuffer.wrap(bytes.toByteArray()));
        QueueSlice slice =
                new QueueSlice(
                        in.text(),
                        in.text(),
                        ConfWire.queue(in),
                        in.list(from ->
                                new KeySources.Found(
                                        from.text(), new Secret(from.text()), from.bool())),
                        in.texts(),
                        in.texts(),
                        in.i64());
        in.end();
        return slice;
    }
}
