package smtpd.smtp;

import smtpd.core.conf.Listener;
import smtpd.smtp.protocol.Client;
import smtpd.smtp.protocol.Ends;
import smtpd.smtp.protocol.Facts;
import smtpd.smtp.protocol.Limits;
import smtpd.smtp.proxy.ProxyHeader;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// What a proxy says of its client before the session begins (`proxy`, `proxy-v1`, `proxy-v2`).
final class Introduction {
    private Introduction() {}

    /// The facts as they are with the client that was announced; empty if the header is missing or
    /// malformed, and the connection is to be closed without a word.
    ///
    /// @param facts of the connection itself
    static Optional<Facts> of(Facts facts, ChannelStream stream) {
        stream.limit(Limits.PROXY_PATIENCE);
        ProxyHeader.Result result = read(facts, stream);
        stream.unlimit();
        return switch (result) {
            case ProxyHeader.Result.Own _ -> Optional.of(facts);
            case ProxyHeader.Result.Malformed(String reason) -> {
                facts.log().badProxy(facts.id(), facts.client(), reason);
                yield Optional.empty();
            }
            case ProxyHeader.Result.Announced(var client, var server) -> {
                Ends ends = new Ends(point(client), point(server));
                Client announced = Client.at(ends.remote().address());
                facts.log().proxied(facts.id(), facts.client());
                yield Optional.of(
                        new Facts(facts.id(), announced, facts.terms(), facts.services(), ends));
            }
        };
    }

    private static ProxyHeader.Result read(Facts facts, ChannelStream stream) {
        try {
            return ProxyHeader.read(stream.input(), versions(facts.terms().listener()));
        } catch (IOException e) {
            return new ProxyHeader.Result.Malformed(String.valueOf(e.getMessage()));
        }
    }

    private static Set<ProxyHeader.Version> versions(Listener listener) {
        Set<ProxyHeader.Version> versions = EnumSet.noneOf(ProxyHeader.Version.class);
        if (listener.has(Listener.Flag.PROXY_V1)) {
            versions.add(ProxyHeader.Version.TEXT);
        }
        if (listener.has(Listener.Flag.PROXY_V2)) {
            versions.add(ProxyHeader.Version.BINARY);
        }
        return versions;
    }

    private static Ends.Point point(ProxyHeader.Point point) {
        return new Ends.Point(AddressText.of(point.address()), point.port());
    }
}
