package smtpd.core.conf;

import org.jspecify.annotations.Nullable;

/// What the parser asks of the machine, so that it is pure itself. A real machine answers through
/// [HostEnvironment]; [OfflineEnvironment] takes everything a configuration mentions to exist.
public interface ConfEnvironment {
    /// The server's fully qualified name.
    String hostname();

    /// What an included file holds.
    Text read(String path);

    /// The port of a TCP service; 0 when there is none of that name.
    int servicePort(String name);

    /// Whether a target of `listen on` is an interface of this machine, an address, or a name with
    /// an address, of that family.
    boolean canListen(String target, Family family);

    /// What a table file holds.
    FileKind tableFile(String path);

    /// Why a table of a backend other than a text file cannot be used, null when nothing is known
    /// against it.
    default @Nullable String tableProblem(String backend, String path) {
        return null;
    }

    /// Whether a table program of that name exists.
    boolean hasTableProgram(String backend);

    /// Why a certificate cannot be used, null when it can.
    @Nullable String certificateProblem(String path);

    /// Why a private key cannot be used, null when it can.
    @Nullable String keyProblem(String path);

    /// Why a certificate and a private key, each without a problem of its own, cannot be used
    /// together, null when they can.
    default @Nullable String pairProblem(String certificate, String key) {
        return null;
    }

    /// The answer to reading a text file.
    sealed interface Text {
        /// Its content.
        record Found(String text) implements Text {}

        /// It cannot be read, and why.
        record Missing(String why) implements Text {}

        /// It is taken to exist, and nothing is known of its content.
        record Unknown() implements Text {}
    }

    /// The answer to what a table file holds.
    sealed interface FileKind {
        /// Keys without values.
        record ListFile() implements FileKind {}

        /// Keys with values.
        record MappingFile() implements FileKind {}

        /// It is empty or taken to exist: it may serve as either.
        record Either() implements FileKind {}

        /// It cannot be used, and why.
        record Unusable(String why) implements FileKind {}
    }
}
