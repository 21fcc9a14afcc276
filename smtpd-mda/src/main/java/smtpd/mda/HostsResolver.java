package smtpd.mda;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Addresses from literals and from the system's own resolver, as far as the sandbox lets it reach:
/// literals and the hosts file.
public final class HostsResolver implements Resolver {
    @Override
    public List<InetAddress> addresses(String host) throws DeliveryFailure {
        try {
            return List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            throw new DeliveryFailure(
                    Verdict.tempfail("4.4.4", "cannot resolve LMTP server " + host));
        }
    }
}
