package smtpd.core.smtp;

import smtpd.core.mail.Dsn;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// The parameters of RCPT.
///
/// @param notifyOn the NOTIFY parameter, in the order of the enum; empty if not given
/// @param orcpt the ORCPT parameter as `type;address`, decoded from xtext, printable ASCII; empty
///   if none
public record RcptParams(Set<Dsn.Notify> notifyOn, String orcpt) {
    /// No parameter given.
    public static final RcptParams NONE = new RcptParams(Set.of(), "");

    /// Takes a copy of the set.
    public RcptParams {
        notifyOn =
                notifyOn.isEmpty()
                        ? Set.of()
                        : Collections.unmodifiableSet(EnumSet.copyOf(notifyOn));
    }

    /// What an envelope carries of the wishes given with MAIL and with this RCPT.
    public Dsn dsn(MailParams mail) {
        return new Dsn(notifyOn, mail.ret(), mail.envid(), orcpt);
    }
}
