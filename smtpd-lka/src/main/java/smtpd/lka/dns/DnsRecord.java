package smtpd.lka.dns;

import smtpd.core.imsg.Tlsa;

/// One record of an answer.
public sealed interface DnsRecord {
    /// An address, in its shortest form.
    record Address(String text) implements DnsRecord {}

    /// A mail exchanger.
    ///
    /// @param preference lower is tried first
    /// @param host its name without the final dot; empty for the root
    record Exchanger(int preference, String host) implements DnsRecord {}

    /// The name that another one leads to: a host's, or an alias's target; without the final dot.
    record Pointer(String name) implements DnsRecord {}

    /// What a host's certificate is to be.
    record Certificate(Tlsa tlsa) implements DnsRecord {}

    /// A text, its strings joined.
    record Text(String text) implements DnsRecord {}
}
