package smtpd.core.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// What is asked of a peer's certificate during the handshake.
final class Judges {
    /// More anchors than this are not listed for clients: the list would be longer than the rest of
    /// the handshake.
    private static final int LISTED_MAX = 16;

    private Judges() {}

    /// Takes every certificate; whoever cares looks at the chain when the handshake is done.
    static X509ExtendedTrustManager everyone() {
        return new Judge() {
            @Override
            void judge(X509Certificate[] chain) {
                // everyone
            }

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
    }

    /// Takes clients that `anchors` vouch for.
    static X509ExtendedTrustManager clientsOf(Anchors anchors) {
        return new Judge() {
            @Override
            void judge(X509Certificate[] chain) throws CertificateException {
                Optional<String> problem = anchors.problemOfClient(List.of(chain));
                if (problem.isPresent()) {
                    throw new CertificateException(problem.get());
                }
            }

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return anchors.certificates().size() > LISTED_MAX
                        ? new X509Certificate[0]
                        : anchors.certificates().toArray(X509Certificate[]::new);
            }
        };
    }

    private abstract static class Judge extends X509ExtendedTrustManager {
        abstract void judge(X509Certificate[] chain) throws CertificateException;

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            judge(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            judge(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            judge(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            judge(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            judge(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            judge(chain);
        }
    }
}
