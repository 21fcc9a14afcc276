package smtpd.mda;

import java.util.Map;

/// Expands format specifiers of smtpd.conf(5).
@FunctionalInterface
public interface Formats {
    /// The text with its specifiers replaced.
    ///
    /// @param values by name of the specifier
    /// @throws DeliveryFailure if it cannot be expanded
    String expand(String text, Map<String, String> values) throws DeliveryFailure;
}
