package smtpd.mta;

import smtpd.core.conf.Dispatcher;

/// The terms on which a session is encrypted.
///
/// @param policy what the mail is owed
/// @param pki our client certificate by name; empty for none
/// @param ca the trust anchors by name; empty for the system's
/// @param ciphers as configured; empty for the default
/// @param protocols as configured; empty for the default
public record TlsTerms(TlsPolicy policy, String pki, String ca, String ciphers, String protocols) {

    /// Under the options of an action.
    static TlsTerms of(TlsPolicy policy, Dispatcher.RelayTls options) {
        return new TlsTerms(
                policy, options.pki(), options.ca(), options.ciphers(), options.protocols());
    }

    /// Without any option.
    static TlsTerms of(TlsPolicy policy) {
        return new TlsTerms(policy, "", "", "", "");
    }
}
