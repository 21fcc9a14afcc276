package smtpd.core.imsg;

import java.util.List;

/// Part of an answer in text lines.
///
/// @param lines the lines, without line ends
public record Lines(List<String> lines) implements MtaToControl, ControlToCtl {
    static void write(FrameOut out, Lines value) {
        out.texts(value.lines());
    }

    static Lines read(FrameIn in) {
        return new Lines(in.texts());
    }
}
