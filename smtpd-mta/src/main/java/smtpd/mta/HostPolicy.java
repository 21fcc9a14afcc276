package smtpd.mta;

import org.jspecify.annotations.Nullable;

import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MxHost;
import smtpd.core.imsg.Tlsa;

import java.util.List;

/// Decides how a host is spoken to, from what the configuration, DNS and the domain say about it.
///
/// What the configuration says stands, in either direction. Where it leaves it open, TLSA records
/// decide (RFC 7672), else the domain's policy (RFC 8461 §2: DANE goes first), else the server.
sealed interface HostPolicy {
    /// On these terms.
    record Speak(TlsPolicy policy) implements HostPolicy {}

    /// Not now.
    ///
    /// @param failure why
    record Avoid(Failure failure) implements HostPolicy {}

    /// @param relay who wants to send
    /// @param host to whom
    /// @param sts the domain's policy; null for none
    static HostPolicy of(Relay relay, MxHost host, @Nullable StsPolicy sts) {
        return switch (relay.key.hop().scheme().security()) {
            case NONE -> new Speak(new TlsPolicy.Clear());
            case REQUIRED -> new Speak(new TlsPolicy.Encrypted(TlsPolicy.Origin.ACTION));
            case VERIFIED ->
                    new Speak(
                            new TlsPolicy.Verified(TlsPolicy.Origin.ACTION, List.of(host.name())));
            case OPPORTUNISTIC -> byPeer(relay.domain.name, host, sts);
        };
    }

    private static HostPolicy byPeer(String domain, MxHost host, @Nullable StsPolicy sts) {
        return switch (host.dane().answer()) {
            case LookupAnswer.TEMPFAIL -> new Avoid(Failure.DANE);
            case LookupAnswer.FOUND -> new Speak(dane(domain, host));
            case LookupAnswer.NOT_FOUND -> bySts(host, sts);
        };
    }

    /// RFC 7672 §2.2: records of which none can be used still say that there is TLS.
    private static TlsPolicy dane(String domain, MxHost host) {
        List<Tlsa> usable = Tlsas.usable(host.dane().records());
        if (usable.isEmpty()) {
            return new TlsPolicy.Encrypted(TlsPolicy.Origin.DANE);
        }
        // RFC 7672 §3.2.2: the domain itself is a name the certificate may bear
        List<String> names =
                Tlsas.speaksOfAuthority(usable)
                        ? List.of(host.dane().base(), host.name(), domain).stream()
                                .distinct()
                                .toList()
                        : List.of();
        return new TlsPolicy.Dane(host.dane().base(), usable, names);
    }

    private static HostPolicy bySts(MxHost host, @Nullable StsPolicy sts) {
        if (sts == null || sts.mode() != StsPolicy.Mode.ENFORCE) {
            return new Speak(new TlsPolicy.Opportunistic());
        }
        return sts.allows(host.name())
                ? new Speak(new TlsPolicy.Verified(TlsPolicy.Origin.STS, List.of(host.name())))
                : new Avoid(Failure.STS);
    }
}
