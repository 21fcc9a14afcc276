package smtpd.core.key;

import org.jspecify.annotations.Nullable;

import smtpd.core.conf.QueueKey;
import smtpd.core.mail.Secret;
import smtpd.core.sys.Descriptors;
import smtpd.core.sys.ExitStatus;
import smtpd.core.sys.Spawn;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/// Reads the keys of the queue from where the configuration says they are, once, at start.
///
/// A file, a command and standard input give lines, each `KEY` or `NAME KEY`, the newest first;
/// empty lines and those that begin with `#` count for nothing.
public final class KeySources {
    /// How long a command may be silent: it may ask a token or another host.
    private static final int COMMAND_MILLIS = 30_000;

    /// More bytes than this are no list of keys.
    private static final int SIZE_MAX = 64 * 1024;

    private final BufferedReader standardInput;

    /// Reads what comes from standard input from there; what is to be asked on a terminal too, one
    /// line each, when there is no terminal.
    public KeySources(InputStream standardInput) {
        this.standardInput =
                new BufferedReader(new InputStreamReader(standardInput, StandardCharsets.UTF_8));
    }

    /// What the terminal and standard input say, for a process that has neither: empty if no key
    /// comes from there. That process reads it as its standard input.
    public String relayed(List<QueueKey> keys) throws IOException {
        StringBuilder text = new StringBuilder();
        for (QueueKey key : keys) {
            switch (key.source()) {
                case PROMPT -> text.append(prompt(key)).append('\n');
                case STDIN -> text.append(rest());
                case KEY, FILE, COMMAND -> {}
            }
        }
        return text.toString();
    }

    /// A key that was read.
    ///
    /// @param name what the operator calls it; may be empty
    /// @param key 32 characters or 64 hexadecimal digits
    /// @param seals whether new messages are sealed with it
    public record Found(String name, Secret key, boolean seals) {
        /// The 32 bytes of the key.
        public byte[] bytes() {
            if (key.text().length() == QueueKey.HEX_DIGITS) {
                return HexFormat.of().parseHex(key.text());
            }
            byte[] bytes = key.text().getBytes(StandardCharsets.UTF_8);
            return bytes.length == QueueKey.CHARACTERS
                    ? bytes
                    : key.text().getBytes(StandardCharsets.ISO_8859_1);
        }

        /// A key for another purpose, which tells nothing of this one (HKDF-SHA256, RFC 5869), as
        /// 64 hexadecimal digits.
        public Secret derived(String purpose) {
            HKDFParameterSpec spec =
                    HKDFParameterSpec.ofExtract()
                            .addIKM(bytes())
                            .thenExpand(purpose.getBytes(StandardCharsets.US_ASCII), 32);
            try {
                byte[] derived = KDF.getInstance("HKDF-SHA256").deriveData(spec);
                return new Secret(HexFormat.of().formatHex(derived));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("HKDF", e);
            }
        }
    }

    /// Reads all keys. Only the first of all is sealed with, if its statement says encryption; the
    /// others open. Throws [IOException] with a text for the operator when one cannot be had.
    public List<Found> read(List<QueueKey> keys) throws IOException {
        List<Found> found = new ArrayList<>();
        boolean sealing = false;
        for (QueueKey key : keys) {
            for (Found each : lines(key)) {
                boolean seals = key.use() == QueueKey.Use.ENCRYPT && !sealing;
                sealing |= seals;
                found.add(new Found(each.name(), each.key(), seals));
            }
        }
        return found;
    }

    private List<Found> lines(QueueKey key) throws IOException {
        String what =
                switch (key.source()) {
                    case PROMPT -> "the terminal";
                    case STDIN -> "standard input";
                    case KEY -> "the configuration";
                    case FILE -> key.value();
                    case COMMAND -> "command " + key.value();
                };
        String text =
                switch (key.source()) {
                    case PROMPT -> prompt(key);
                    case STDIN -> rest();
                    case KEY -> key.value();
                    case FILE -> file(Path.of(key.value()));
                    case COMMAND -> command(key.value());
                };
        List<Found> found = new ArrayList<>();
        for (String line : text.lines().map(String::strip).toList()) {
            if (!line.isEmpty() && (QueueKey.isKey(line) || line.charAt(0) != '#')) {
                found.add(found(key, line, what));
            }
        }
        if (found.isEmpty()) {
            throw new IOException("queue encryption: no key from " + what);
        }
        return found;
    }

    private static Found found(QueueKey key, String line, String what) throws IOException {
        if (QueueKey.isKey(line)) {
            return new Found(key.name(), new Secret(line), false);
        }
        int space = line.indexOf(' ');
        String rest = space < 0 ? line : line.substring(space).strip();
        if (space < 0 || !QueueKey.isKey(rest)) {
            throw new IOException(
                    "queue encryption: a key from "
                            + what
                            + " has "
                            + rest.length()
                            + " characters, it must have 32, or be 64 hexadecimal digits");
        }
        return new Found(line.substring(0, space), new Secret(rest), false);
    }

    private String prompt(QueueKey key) throws IOException {
        // never null since Java 22
        @Nullable Console found = System.console();
        Console console = Objects.requireNonNull(found);
        if (!console.isTerminal()) {
            String line = standardInput.readLine();
            if (line == null) {
                throw new IOException("queue encryption: there is no terminal to ask for the key");
            }
            return line;
        }
        char[] typed =
                console.readPassword("Queue key%s: ", key.name().isEmpty() ? "" : " " + key.name());
        return typed == null ? "" : new String(typed);
    }

    /// Standard input is read to its end; a terminal or pipe that stays open gives what it has.
    private String rest() throws IOException {
        StringBuilder text = new StringBuilder();
        String line = standardInput.readLine();
        while (line != null && text.length() < SIZE_MAX) {
            text.append(line).append('\n');
            line = standardInput.ready() ? standardInput.readLine() : null;
        }
        return text.toString();
    }

    private static String file(Path path) throws IOException {
        if (!Files.isReadable(path)) {
            throw new IOException("queue encryption: " + path + " cannot be read");
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (permissions.contains(PosixFilePermission.OTHERS_READ)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("queue encryption: " + path + " must not be open to others");
        }
        if (Files.size(path) > SIZE_MAX) {
            throw new IOException("queue encryption: " + path + " is too large");
        }
        return Files.readString(path);
    }

    private static String command(String command) throws IOException {
        Descriptors.Pipe out = Descriptors.Pipe.open();
        Descriptors.Pipe nothing = Descriptors.Pipe.open();
        int pid =
                Spawn.start(
                        new Spawn.Request(
                                "/bin/sh",
                                List.of("sh", "-c", command),
                                List.of(
                                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
                                List.of(nothing.read(), out.write(), 2)));
        Descriptors.close(out.write());
        Descriptors.close(nothing.read());
        Descriptors.close(nothing.write());
        try (InputStream in = Descriptors.input(out.read())) {
            byte[] printed = printed(in, out.read());
            boolean ended = printed.length < SIZE_MAX;
            if (!ended) {
                Spawn.killGroup(pid, Spawn.SIGKILL);
            }
            ExitStatus status = Spawn.waitFor(pid);
            if (!ended || !status.ok()) {
                throw new IOException("queue encryption: command failed: " + status);
            }
            return new String(printed, StandardCharsets.UTF_8);
        }
    }

    /// All it prints in time; too much when it does not end.
    private static byte[] printed(InputStream in, int fd) throws IOException {
        byte[] printed = new byte[SIZE_MAX];
        int total = 0;
        while (total < SIZE_MAX) {
            if (!Descriptors.awaitReadable(fd, COMMAND_MILLIS)) {
                return printed;
            }
            int n = in.read(printed, total, SIZE_MAX - total);
            if (n < 0) {
                return Arrays.copyOf(printed, total);
            }
            total += n;
        }
        return printed;
    }
}
