package smtpd.core.tls;

import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLParameters;

/// What both sides ask of the runtime's TLS.
final class Jsse {
    /// Groups for key agreement: those of RFC 8446 §9.1 and the larger ones. Finite fields only
    /// with suites that need them: a large one is a way to make a server work hard.
    private static final List<String> CURVES =
            List.of("x25519", "secp256r1", "secp384r1", "secp521r1", "x448");

    private static final List<String> FINITE = List.of("ffdhe2048", "ffdhe3072");

    static {
        // Nobody but us begins anew (RFC 9325 §3.5).
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    }

    private Jsse() {}

    /// To be called before anything of the runtime's TLS is touched.
    static void prepare() {
        RemoteSignatures.register();
    }

    static SSLParameters parameters(List<String> protocols, List<String> ciphers, boolean dhe) {
        List<String> groups = new ArrayList<>(CURVES);
        if (dhe) {
            groups.addAll(FINITE);
        }
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(protocols.toArray(String[]::new));
        parameters.setCipherSuites(
                ciphers.stream()
                        .filter(name -> dhe || !name.startsWith("TLS_DHE_"))
                        .toArray(String[]::new));
        parameters.setNamedGroups(groups.toArray(String[]::new));
        return parameters;
    }
}
