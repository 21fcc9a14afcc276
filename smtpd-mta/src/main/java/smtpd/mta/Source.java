package smtpd.mta;

import java.time.Instant;

/// One local address that sessions connect from.
final class Source {
    /// The literal address; empty for any.
    final String address;

    int connections;
    Instant lastConnect = Instant.MIN;

    Source(String address) {
        this.address = address;
    }

    /// For listings: the address, or `-` for any.
    String word() {
        return address.isEmpty() ? "-" : address;
    }
}
