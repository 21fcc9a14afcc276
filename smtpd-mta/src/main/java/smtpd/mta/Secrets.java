package smtpd.mta;

import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.TableService;
import smtpd.core.mail.Secret;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.PeerLost;

/// Tells as whom we log in (`auth`): label → user and password.
@FunctionalInterface
public interface Secrets {
    /// Nobody.
    Secrets NONE = (table, label) -> new Found.None();

    /// The credentials of a label. Blocks.
    Found of(String table, String label);

    /// What a lookup came to.
    sealed interface Found {
        /// As whom.
        record Credentials(String user, Secret password) implements Found {}

        /// There are none, or the table does not say now.
        record None() implements Found {}
    }

    /// Those of tables that lka looks up.
    static Secrets from(LinkPeer<MtaToLka, LkaToMta> lka) {
        return (table, label) -> {
            try {
                MtaToLka question =
                        new MtaToLka.LookupTable(table, TableService.CREDENTIALS, label);
                return lka.call(question, HeloNames.PATIENCE) instanceof LkaToMta.TableResult found
                                && found.answer() == LookupAnswer.FOUND
                        ? read(found.value())
                        : new Found.None();
            } catch (PeerLost _) {
                return new Found.None();
            }
        };
    }

    /// `user:password`; the first colon ends the user.
    static Found read(String entry) {
        int colon = entry.indexOf(':');
        return colon <= 0
                ? new Found.None()
                : new Found.Credentials(
                        entry.substring(0, colon), new Secret(entry.substring(colon + 1)));
    }
}
