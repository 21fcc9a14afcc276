package smtpd.e2e.fuzz;

import smtpd.core.conf.ConfParser;
import smtpd.core.conf.ConfPrinter;
import smtpd.core.conf.ConfResult;
import smtpd.core.conf.Config;
import smtpd.core.conf.Converter;
import smtpd.core.conf.HostEnvironment;
import smtpd.core.conf.OfflineEnvironment;

import java.util.Map;

/// A configuration: read to its end, and printed as what reads back equal. The conversion from the
/// old grammar ends too.
public final class ConfTarget {
    private ConfTarget() {}

    /// One run.
    public static void fuzzerTestOneInput(byte[] input) {
        String text = HostEnvironment.decode(input);
        ConfResult result = parse(text);
        Config config = result.config();
        if (config != null) {
            String printed = ConfPrinter.print(config);
            Config again = parse(printed).config();
            Holds.check(
                    again != null && again.unplaced().equals(config.unplaced()),
                    "printed configuration means something else:\n" + printed);
        }
        Converter.convert(text);
    }

    private static ConfResult parse(String text) {
        return ConfParser.parse("f", text, Map.of(), new OfflineEnvironment("mail.example.org"));
    }
}
