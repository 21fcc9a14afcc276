package smtpd.mda;

import java.net.InetAddress;
import java.util.List;

/// Finds the addresses of an LMTP server's host.
@FunctionalInterface
public interface Resolver {
    /// At least one address.
    ///
    /// @throws DeliveryFailure if there is none now
    List<InetAddress> addresses(String host) throws DeliveryFailure;
}
