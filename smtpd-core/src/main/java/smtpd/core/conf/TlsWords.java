package smtpd.core.conf;

import smtpd.core.tls.Ciphers;
import smtpd.core.tls.Protocols;

/// Reads the lists of `ciphers` and `protocols`, which are kept as they were written. OpenSMTPD:
/// what is wrong in them is found when the daemon starts, or ignored.
final class TlsWords {
    private TlsWords() {}

    static String ciphers(Tokens tokens) throws SyntaxError {
        String list = tokens.string("a cipher list");
        try {
            Ciphers.parse(list);
        } catch (IllegalArgumentException e) {
            throw tokens.fail(String.valueOf(e.getMessage()));
        }
        return list;
    }

    static String protocols(Tokens tokens) throws SyntaxError {
        String list = tokens.string("a protocol list");
        try {
            Protocols.parse(list);
        } catch (IllegalArgumentException e) {
            throw tokens.fail(String.valueOf(e.getMessage()));
        }
        return list;
    }
}
