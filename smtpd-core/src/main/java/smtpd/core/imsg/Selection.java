package smtpd.core.imsg;

/// Which envelopes a command of the operator means.
///
/// @param id 0 for all, a message id shifted up by 32 bits for a message, an envelope id for one
public record Selection(long id) {
    static void write(FrameOut out, Selection value) {
        out.i64(value.id());
    }

    static Selection read(FrameIn in) {
        return new Selection(in.i64());
    }
}
