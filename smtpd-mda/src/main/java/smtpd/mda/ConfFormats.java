package smtpd.mda;

import smtpd.core.conf.Format;

import java.util.Map;

/// The format specifiers of smtpd.conf(5).
public final class ConfFormats implements Formats {
    private final String subAddrDelim;

    /// @param subAddrDelim what separates user and tag
    public ConfFormats(String subAddrDelim) {
        this.subAddrDelim = subAddrDelim;
    }

    @Override
    public String expand(String text, Map<String, String> values) throws DeliveryFailure {
        return switch (Format.expand(text, values, subAddrDelim)) {
            case Format.Expanded.Ok it -> it.text();
            case Format.Expanded.Failed it ->
                    throw new DeliveryFailure(
                            Verdict.permfail("5.3.5", "cannot expand: " + it.why()));
        };
    }
}
