package smtpd.e2e.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A folder `s-NN-name`: `smtpd.conf`, `why.md`, what is to lie below the prefix in `files/`, a
/// `zone` for the name server, what it `needs`, with root the `owners` of paths below the prefix,
/// and scripts, which are played in the order of their names against one daemon.
///
/// @param folder where it is
/// @param scripts its `*.steps`
record Scenario(Path folder, List<Script> scripts) {
    private static final Path ROOT = Path.of("src/test/resources/scenarios");

    /// All of them, by name.
    static List<Scenario> all() throws IOException {
        List<Scenario> scenarios = new ArrayList<>();
        try (Stream<Path> folders = Files.list(ROOT)) {
            for (Path folder : folders.sorted().toList()) {
                scenarios.add(read(folder));
            }
        }
        return scenarios;
    }

    private static Scenario read(Path folder) throws IOException {
        for (String file : List.of("smtpd.conf", "why.md")) {
            if (!Files.exists(folder.resolve(file))) {
                throw new IllegalStateException(folder + ": no " + file);
            }
        }
        List<Script> scripts = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(it -> it.toString().endsWith(".steps")).sorted().toList()) {
                scripts.add(Script.parse(name(file), Files.readString(file)));
            }
        }
        return new Scenario(folder, scripts);
    }

    String name() {
        return name(folder);
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    /// A file of the folder; empty if there is none.
    String optional(String file) throws IOException {
        Path path = folder.resolve(file);
        return Files.exists(path) ? Files.readString(path) : "";
    }

    /// The files to lie below the prefix.
    List<Path> files() throws IOException {
        Path root = folder.resolve("files");
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> tree = Files.walk(root)) {
            return tree.filter(Files::isRegularFile).map(root::relativize).sorted().toList();
        }
    }

    /// Whose a path is.
    ///
    /// @param path below the prefix
    /// @param uid its user
    /// @param gid its group
    /// @param mode its permissions
    record Owner(String path, int uid, int gid, int mode) {
        /// Reads a line `path uid:gid mode`.
        static Owner parse(String line) {
            String[] words = line.split("[ :]", -1);
            return new Owner(
                    words[0],
                    Integer.parseInt(words[1]),
                    Integer.parseInt(words[2]),
                    Integer.parseInt(words[3], 8));
        }
    }

    /// The lines of `owners`.
    List<Owner> owners() throws IOException {
        return optional("owners").lines().map(Owner::parse).toList();
    }

    /// Whether `needs` names it: `root`, `port25`.
    boolean needs(String what) throws IOException {
        return optional("needs").lines().anyMatch(what::equals);
    }
}
