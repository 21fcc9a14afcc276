package smtpd.e2e.fuzz;

import smtpd.core.conf.HostEnvironment;
import smtpd.core.smtp.AddressParser;

/// Paths and mailboxes: what is accepted reads back as the same address and holds no line break.
public final class AddressTarget {
    private AddressTarget() {}

    /// One run.
    public static void fuzzerTestOneInput(byte[] input) {
        String text = HostEnvironment.decode(input);
        for (boolean utf8 : new boolean[] {false, true}) {
            check(AddressParser.parsePath(text, utf8), utf8);
            check(AddressParser.parseMailbox(text, utf8), utf8);
        }
    }

    private static void check(AddressParser.Result result, boolean utf8) {
        if (!(result instanceof AddressParser.Result.Parsed(var address, String rest))) {
            return;
        }
        String written = address.toString();
        Holds.check(written.chars().noneMatch(c -> c < ' ' || c == 0x7f), "control: " + written);
        Holds.check(utf8 || written.chars().allMatch(c -> c < 0x80), "not ASCII: " + written);
        if (!address.isNull()) {
            AddressParser.Result again = AddressParser.parsePath("<" + written + ">" + rest, utf8);
            Holds.check(result.equals(again), "reads back as " + again + ": " + written);
        }
    }
}
