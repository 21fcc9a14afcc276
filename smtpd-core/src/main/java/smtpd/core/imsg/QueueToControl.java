package smtpd.core.imsg;

import smtpd.core.mail.Envelope;

import java.util.List;

/// What the queue answers control.
public sealed interface QueueToControl
        permits Stats, Done, Progress, QueueToControl.EnvelopePage, BodyChunk, BodyFailed {
    /// A page of envelopes.
    ///
    /// @param envelopes the envelopes; an empty page is the end
    record EnvelopePage(List<Envelope> envelopes) implements QueueToControl {}

    /// The wire form.
    Codec<QueueToControl> CODEC =
            new Codec<>() {
                @Override
                public int type(QueueToControl message) {
                    return switch (message) {
                        case Stats _ -> 1;
                        case Done _ -> 2;
                        case EnvelopePage _ -> 3;
                        case BodyChunk _ -> 4;
                        case BodyFailed _ -> 5;
                        case Progress _ -> 6;
                    };
                }

                @Override
                public void write(QueueToControl message, FrameOut out) {
                    switch (message) {
                        case Stats it -> Stats.write(out, it);
                        case Done it -> Done.write(out, it);
                        case EnvelopePage it -> {
                            out.list(it.envelopes(), Wire::envelope);
                        }
                        case BodyChunk it -> BodyChunk.write(out, it);
                        case BodyFailed it -> BodyFailed.write(out, it);
                        case Progress it -> Progress.write(out, it);
                    }
                }

                @Override
                public QueueToControl read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Stats.read(in);
                        case 2 -> Done.read(in);
                        case 3 -> new EnvelopePage(in.list(Wire::envelope));
                        case 4 -> BodyChunk.read(in);
                        case 5 -> BodyFailed.read(in);
                        case 6 -> Progress.read(in);
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
