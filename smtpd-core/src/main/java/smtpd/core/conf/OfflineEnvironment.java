package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/// An environment in which every file, certificate, table program, interface and host name that a
/// configuration mentions exists (`smtpd -n --offline`).
///
/// @param hostname the server's name
public record OfflineEnvironment(String hostname) implements ConfEnvironment {
    /// TCP services a mail configuration may name (IANA service names).
    private static final Map<String, Integer> SERVICES =
            Map.of(
                    "smtp", 25,
                    "mail", 25,
                    "smtps", 465,
                    "submissions", 465,
                    "ssmtp", 465,
                    "urd", 465,
                    "submission", 587,
                    "lmtp", 24);

    /// The port of a service that mail configurations name, 0 when it is none.
    static int wellKnownPort(String name) {
        return SERVICES.getOrDefault(name, 0);
    }

    @Override
    public Text read(String path) {
        return new Text.Unknown();
    }

    @Override
    public int servicePort(String name) {
        return wellKnownPort(name);
    }

    @Override
    public boolean canListen(String target, Family family) {
        return true;
    }

    @Override
    public FileKind tableFile(String path) {
        return new FileKind.Either();
    }

    @Override
    public boolean hasTableProgram(String backend) {
        return true;
    }

    @Override
    public @Nullable String certificateProblem(String path) {
        return null;
    }

    @Override
    public @Nullable String keyProblem(String path) {
        return null;
    }
}
