package smtpd.core.conf;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

import smtpd.core.table.DbFile;
import smtpd.core.table.PasswdFile;
import smtpd.core.table.SqliteConf;
import smtpd.core.table.TableText;
import smtpd.core.tls.KeyFile;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// This machine, as the parser asks about it. Reads files, asks the resolver and lists interfaces;
/// for the parent at start and for `smtpd -n`.
///
/// @param hostname the server's fully qualified name
/// @param owner the user id that must own certificates and keys: 0, or the calling user's when the
///   daemon runs without root
/// @param backends names of the built-in table backends
/// @param programs folders in which table programs (`table-NAME`) are looked for
public record HostEnvironment(
        String hostname, int owner, List<String> backends, List<Path> programs)
        implements ConfEnvironment {
    /// How every file of SQLite begins (its file format, §1.3).
    private static final String SQLITE_MAGIC = "SQLite format 3\0";

    /// How a certificate begins (RFC 7468 §5.1).
    private static final Pattern BEGIN_CERTIFICATE =
            Pattern.compile("^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----", Pattern.MULTILINE);

    private static final Path SERVICES = Path.of("/etc/services");

    /// Widest rights of a certificate file (OpenSMTPD: the same).
    private static final int CERTIFICATE_MODE = 0755;

    /// Widest rights of a private key file (OpenSMTPD: the same).
    private static final int KEY_MODE = 0740;

    public HostEnvironment {
        backends = List.copyOf(backends);
        programs = List.copyOf(programs);
    }

    @Override
    public Text read(String path) {
        try {
            return new Text.Found(decode(Files.readAllBytes(Path.of(path))));
        } catch (IOException e) {
            return new Text.Missing(why(e));
        }
    }

    /// Text of a file that is UTF-8 by intention: bytes that are not are taken as Latin-1, so that
    /// no file is unreadable for its comments.
    public static String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    private static String why(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }

    @Override
    public int servicePort(String name) {
        try {
            for (String line : Files.readAllLines(SERVICES, StandardCharsets.ISO_8859_1)) {
                int port = port(line.replaceFirst("#.*", "").strip(), name);
                if (port > 0) {
                    return port;
                }
            }
        } catch (IOException e) {
            return OfflineEnvironment.wellKnownPort(name);
        }
        return OfflineEnvironment.wellKnownPort(name);
    }

    /// The TCP port of a line of services(5) when it is about that service, else 0.
    private static int port(String line, String name) {
        List<String> words = List.of(line.split("\\s+", -1));
        if (words.size() < 2 || !words.get(1).matches("[0-9]{1,5}/tcp")) {
            return 0;
        }
        boolean named =
                words.getFirst().equals(name) || words.subList(2, words.size()).contains(name);
        return named ? Integer.parseInt(words.get(1).replace("/tcp", "")) : 0;
    }

    @Override
    public boolean canListen(String target, Family family) {
        return !addresses(target, family).isEmpty();
    }

    /// The addresses a target of `listen on` stands for now: those of the interface of that name,
    /// or the address, or those of the host name. Empty when there is none.
    public static List<InetAddress> addresses(String target, Family family) {
        try {
            NetworkInterface byName = NetworkInterface.getByName(target);
            List<InetAddress> found =
                    byName != null
                            ? Collections.list(byName.getInetAddresses())
                            : List.of(InetAddress.getAllByName(target));
            return found.stream().filter(address -> isOf(family, address)).toList();
        } catch (SocketException | UnknownHostException e) {
            return List.of();
        }
    }

    private static boolean isOf(Family family, InetAddress address) {
        boolean four = address instanceof java.net.Inet4Address;
        return switch (family) {
            case ANY -> true;
            case INET4 -> four;
            case INET6 -> !four;
        };
    }

    /// What the lines of a table file make it; they are read as lka reads them.
    @Override
    public FileKind tableFile(String path) {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            return switch (TableText.read(in, (key, value) -> {})) {
                case UNKNOWN -> new FileKind.Either();
                case LIST -> new FileKind.ListFile();
                case MAPPING -> new FileKind.MappingFile();
            };
        } catch (TableText.Malformed e) {
            return new FileKind.Unusable(e.in(path));
        } catch (IOException e) {
            return new FileKind.Unusable(path + ": " + why(e));
        }
    }

    @Override
    public @Nullable String tableProblem(String backend, String path) {
        try {
            switch (backend) {
                case "db" -> DbFile.open(Path.of(path)).close();
                case "passwd" -> PasswdFile.read(Path.of(path), (user, rest) -> {});
                case "sqlite" -> {
                    return databaseProblem(SqliteConf.read(Path.of(path)).database());
                }
                default -> {}
            }
            return null;
        } catch (TableText.Malformed e) {
            return e.in(path);
        } catch (IOException e) {
            return path + ": " + why(e);
        }
    }

    private static @Nullable String databaseProblem(Path database) {
        try (InputStream in = Files.newInputStream(database)) {
            byte[] magic = in.readNBytes(SQLITE_MAGIC.length());
            // an empty file is an empty database
            return magic.length == 0 || Arrays.equals(magic, SQLITE_MAGIC.getBytes(US_ASCII))
                    ? null
                    : database + ": not a database of SQLite";
        } catch (IOException e) {
            return database + ": " + why(e);
        }
    }

    @Override
    public boolean hasTableProgram(String backend) {
        return backends.contains(backend)
                || programs.stream()
                        .anyMatch(folder -> Files.isExecutable(folder.resolve("table-" + backend)));
    }

    @Override
    public @Nullable String certificateProblem(String path) {
        try {
            certificate(path);
            return rightsProblem(Path.of(path), CERTIFICATE_MODE);
        } catch (IOException e) {
            return path + ": " + why(e);
        } catch (CertificateException e) {
            return path + ": not a certificate: " + e.getMessage();
        }
    }

    /// The first certificate of a file, after all of them were read.
    private static X509Certificate certificate(String path)
            throws IOException, CertificateException {
        return certificates(Files.readAllBytes(Path.of(path))).getFirst();
    }

    /// The certificates in the content of a file, in its order; at least one.
    ///
    /// @throws CertificateException if there is none, or one of them is not whole, as in a file
    ///   that is being written
    public static List<X509Certificate> certificates(byte[] content) throws CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> found = new ArrayList<>();
        for (Certificate one : factory.generateCertificates(new ByteArrayInputStream(content))) {
            if (one instanceof X509Certificate certificate) {
                found.add(certificate);
            }
        }
        if (found.isEmpty()) {
            throw new CertificateException("the file holds none");
        }
        Matcher begin = BEGIN_CERTIFICATE.matcher(decode(content));
        if (begin.results().count() > found.size()) {
            throw new CertificateException("the last one is not whole");
        }
        return found;
    }

    @Override
    public @Nullable String keyProblem(String path) {
        try {
            Path file = Path.of(path);
            KeyFile.read(decode(Files.readAllBytes(file)));
            return rightsProblem(file, KEY_MODE);
        } catch (IOException e) {
            return path + ": " + why(e);
        } catch (GeneralSecurityException e) {
            return path + ": " + e.getMessage();
        }
    }

    @Override
    public @Nullable String pairProblem(String certificate, String key) {
        try {
            PrivateKey own = KeyFile.read(decode(Files.readAllBytes(Path.of(key))));
            return KeyFile.belongs(own, certificate(certificate))
                    ? null
                    : "the key in " + key + " is not that of the certificate in " + certificate;
        } catch (IOException e) {
            return why(e);
        } catch (GeneralSecurityException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private @Nullable String rightsProblem(Path file, int modeMax) throws IOException {
        Map<String, Object> rights = Files.readAttributes(file, "unix:uid,mode");
        if (!Integer.valueOf(owner).equals(rights.get("uid"))) {
            return file + ": is not owned by user id " + owner;
        }
        boolean open = rights.get("mode") instanceof Integer mode && (mode & 0777 & ~modeMax) != 0;
        return open
                ? file + ": its rights are wider than 0" + Integer.toOctalString(modeMax)
                : null;
    }
}
