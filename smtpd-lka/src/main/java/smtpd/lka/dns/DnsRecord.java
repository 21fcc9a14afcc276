package smtpd.lka.dns;

/// One record of an answer.
public sealed interface DnsRecord {
    /// An address, in its shortest form.
    record Address(String text) implements DnsRecord {}

    /// A mail exchanger.
    ///
    /// @param preference lower is tried first
    /// @param host its name without the final dot; empty for the root
    record Exchanger(int preference, String host) implements DnsRecord {}

    /// A host's name without the final dot.
    record Pointer(String name) implements DnsRecord {}

    /// A text, its strings joined.
    record Text(String text) implements DnsRecord {}
}
