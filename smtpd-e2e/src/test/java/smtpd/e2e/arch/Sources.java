package smtpd.e2e.arch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The files of the project.
final class Sources {
    /// Directories of tools, which hold many files and none of ours.
    private static final Set<String> FOREIGN = Set.of(".git", "target", "node_modules");

    private Sources() {}

    /// What is read once for all tests that ask.
    private static final class Read {
        private static final List<Source> JAVA =
                files(name -> name.endsWith(".java")).stream()
                        .filter(it -> !it.path().startsWith("etc"))
                        .toList();
    }

    /// A Java source.
    ///
    /// @param path relative to the root of the project
    /// @param text its content
    record Source(Path path, String text) {
        List<String> lines() {
            return text.lines().toList();
        }

        boolean isMain() {
            return path.toString().contains("/src/main/");
        }

        boolean isPackageInfo() {
            return path.endsWith("package-info.java");
        }

        /// `smtpd-core` and so on.
        String module() {
            return path.getName(0).toString();
        }

        /// The file's name without `.java`.
        String type() {
            String name = String.valueOf(path.getFileName());
            return name.substring(0, name.length() - ".java".length());
        }

        /// The package, by its directory.
        String packageName() {
            String text = path.toString();
            int start = text.indexOf("/java/") + "/java/".length();
            return text.substring(start, text.lastIndexOf('/')).replace('/', '.');
        }

        /// Where a line is, as compilers write it.
        String at(int index) {
            return path + ":" + (index + 1);
        }
    }

    /// The directory of the whole project.
    static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(at.resolve("smtpd-core"))) {
            at = at.getParent();
            if (at == null) {
                throw new IllegalStateException("tests run inside the project");
            }
        }
        return at;
    }

    /// Every Java source of the modules, tests too; not the examples, which are set as they stand
    /// in the manual.
    static List<Source> java() {
        return Read.JAVA;
    }

    /// The sources that are installed.
    static List<Source> mainJava() {
        return java().stream().filter(Source::isMain).toList();
    }

    /// Every text file that people write: sources, build files, scripts, documents.
    static List<Source> written() {
        return files(name ->
                name.endsWith(".java")
                        || name.endsWith(".xml")
                        || name.endsWith(".md")
                        || name.endsWith(".sh")
                        || name.indexOf('.') < 0);
    }

    /// The texts of the scripts below a directory of the project: dialogues, steps, and why they
    /// are there.
    static List<String> below(String directory) {
        Path folder = root().resolve(directory);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.(smtp|steps|md)"))
                    .sorted()
                    .map(Sources::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Source> files(Predicate<String> named) {
        Path root = root();
        return regular(root).stream()
                .filter(file -> named.test(String.valueOf(file.getFileName())))
                .map(root::relativize)
                .filter(Sources::isOurs)
                .sorted()
                .map(path -> new Source(path, read(root.resolve(path))))
                .toList();
    }

    private static List<Path> regular(Path root) {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(
                    root,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult preVisitDirectory(
                                Path directory, BasicFileAttributes attributes) {
                            String name = String.valueOf(directory.getFileName());
                            return FOREIGN.contains(name)
                                    ? FileVisitResult.SKIP_SUBTREE
                                    : FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFile(
                                Path file, BasicFileAttributes attributes) {
                            if (attributes.isRegularFile()) {
                                files.add(file);
                            }
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private static boolean isOurs(Path path) {
        String text = path.toString();
        String first = path.getName(0).toString();
        return !text.contains("/target/")
                && !text.contains("/src/test/resources/")
                && (first.startsWith("smtpd-")
                        || first.equals("etc")
                        || first.equals("doc")
                        || path.getNameCount() == 1);
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
