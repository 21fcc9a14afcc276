package smtpd.mta;

import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.TableService;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.PeerLost;

import java.time.Duration;
import java.util.Optional;

/// Tells how we present ourselves from a local address (`helo-src`).
@FunctionalInterface
public interface HeloNames {
    /// How long lka may take.
    Duration PATIENCE = Duration.ofSeconds(30);

    /// The name; empty if the table has none or did not answer. Blocks.
    Optional<String> of(String table, String localAddress);

    /// Names from tables that lka looks up.
    static HeloNames from(LinkPeer<MtaToLka, LkaToMta> lka) {
        return (table, address) -> {
            try {
                MtaToLka question = new MtaToLka.LookupTable(table, TableService.ADDRNAME, address);
                return lka.call(question, PATIENCE) instanceof LkaToMta.TableResult found
                                && found.answer() == LookupAnswer.FOUND
                        ? Optional.of(found.value())
                        : Optional.empty();
            } catch (PeerLost _) {
                return Optional.empty();
            }
        };
    }
}
