package smtpd.core.message;

import smtpd.core.mail.Bytes;
import smtpd.core.smtp.ByteSink;

import java.util.ArrayList;
import java.util.List;

/// Looks into the header of a stored message as it streams by: for Delivered-To loops at delivery,
/// for recipients at submission, for what a report returns. Lenient: the header ends at the first
/// line that is no field, or at a limit (256 KiB, 1000 fields).
public final class HeaderScanner implements ByteSink {
    private final HeaderBlock block = new HeaderBlock();

    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (!ended()) {
            block.append(bytes, offset, length);
        }
    }

    /// The message ends here; a header without an empty line behind it is then whole.
    public void finish() {
        block.finish();
    }

    /// Whether all of the header was seen: further bytes make no difference.
    public boolean ended() {
        return block.end() != HeaderBlock.End.OPEN;
    }

    /// Whether there is a field `name`, which is in lower case.
    public boolean has(String name) {
        for (int i = 0; i < block.fields(); i++) {
            if (block.is(i, name)) {
                return true;
            }
        }
        return false;
    }

    /// The unfolded values of all fields `name`, which is in lower case, in their order.
    public List<String> values(String name) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < block.fields(); i++) {
            if (block.is(i, name)) {
                values.add(block.value(i));
            }
        }
        return values;
    }

    /// The bytes of all fields, without the empty line.
    public Bytes header() {
        return Bytes.of(block.buffer(), 0, block.fieldsEnd());
    }
}
