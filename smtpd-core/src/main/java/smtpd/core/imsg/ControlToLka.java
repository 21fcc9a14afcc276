package smtpd.core.imsg;

/// What control tells lka.
public sealed interface ControlToLka permits Verbose, Trace, ControlToLka.UpdateTable {
    /// Asks to read a table again.
    ///
    /// @param table the table's name
    record UpdateTable(String table) implements ControlToLka {}

    /// The wire form.
    Codec<ControlToLka> CODEC =
            new Codec<>() {
                @Override
                public int type(ControlToLka message) {
                    return switch (message) {
                        case Verbose _ -> 1;
                        case Trace _ -> 2;
                        case UpdateTable _ -> 3;
                    };
                }

                @Override
                public void write(ControlToLka message, FrameOut out) {
                    switch (message) {
                        case Verbose it -> Verbose.write(out, it);
                        case Trace it -> Trace.write(out, it);
                        case UpdateTable it -> {
                            out.text(it.table());
                        }
                    }
                }

                @Override
                public ControlToLka read(int type, FrameIn in) {
                    return switch (type) {
                        case 1 -> Verbose.read(in);
                        case 2 -> Trace.read(in);
                        case 3 -> new UpdateTable(in.text());
                        default -> throw FrameIn.unknownType(type);
                    };
                }
            };
}
